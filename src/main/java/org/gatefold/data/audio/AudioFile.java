package org.gatefold.data.audio;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.gatefold.data.media.FfmpegStream;
import org.gatefold.file.FolderFiles;

/**
 * Files of recordings: WAV is read here, FLAC, MP3, Ogg and others are decoded by FFmpeg through JavaCPP if that is on the class path.
 * Stateless.
 */
public final class AudioFile {
    private static final Set<String> ENDINGS =
            Set.of("wav", "wave", "flac", "mp3", "ogg", "oga", "opus", "m4a", "aac", "aif", "aiff", "wma");
    private static final int LOOKED_AT = 16;

    private AudioFile() {}

    /**
     * Reads a file.
     *
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if it is damaged, or holds no sound
     * @throws IllegalStateException if it needs FFmpeg, and that is not on the class path
     */
    public static Recording read(Path file) throws IOException {
        return read(file, Files.readAllBytes(file));
    }

    /** As {@link #read(Path)}, of a file whose bytes are here already. */
    static Recording read(Path file, byte... bytes) {
        Recording recording = WavFile.is(bytes) ? WavFile.read(file.toString(), bytes) : decoded(file);
        if (recording.samples().length == 0) {
            throw new IllegalArgumentException(file + ": holds no sound");
        }
        return recording;
    }

    private static Recording decoded(Path file) {
        try {
            return FfmpegRecording.read(file);
        } catch (LinkageError e) {
            throw FfmpegStream.missing(file, e);
        }
    }

    /** True if bytes begin as a file of sound does, rather than as a text. */
    static boolean isSound(byte... first) {
        for (int i = 0; i < Math.min(LOOKED_AT, first.length); i++) {
            if (first[i] >= 0 && first[i] < ' ' && first[i] != '\n' && first[i] != '\r' && first[i] != '\t') {
                return true;
            }
        }
        return false;
    }

    /** The recordings of a folder and of those in it, in the order of names; names that begin with a dot are left out. */
    static List<Path> in(Path folder) throws IOException {
        return FolderFiles.of(folder, ENDINGS);
    }
}
