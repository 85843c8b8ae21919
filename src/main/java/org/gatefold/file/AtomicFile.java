package org.gatefold.file;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Replaces a file as a whole: the new content is written beside it, brought to the disk and renamed over it, so that a
 * reader finds the old file or the new one, whenever the process or the machine stops, and whether or not the thread is
 * interrupted. What stands beside it under the name of the new content is removed first, and a link there is never followed.
 * Stateless.
 */
public final class AtomicFile {
    private static final String SUFFIX = ".part";
    private static final int BUFFER = 64 << 10;

    private AtomicFile() {}

    /** Writes the content of a file; from its start again where an interrupt broke that off. */
    @FunctionalInterface
    public interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * Writes a file.
     *
     * @throws IOException if it cannot be written completely; the old file is untouched then
     */
    public static void write(Path file, Content content) throws IOException {
        Path absolute = file.toAbsolutePath();
        Path part = absolute.resolveSibling(absolute.getFileName() + SUFFIX);
        Uninterrupted.call(() -> {
            try {
                removeOld(part);
                writeNew(part, content);
                Files.move(part, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                forceDirectory(absolute.getParent());
            } catch (IOException | RuntimeException e) {
                discard(part, e);
                throw e;
            }
            return null;
        });
    }

    private static void removeOld(Path part) throws IOException {
        try {
            Files.deleteIfExists(part);
        } catch (DirectoryNotEmptyException e) {
            FileSystemException failure = new FileSystemException(part.toString(), null, "a folder is in the way");
            failure.initCause(e);
            throw failure;
        }
    }

    private static void writeNew(Path part, Content content) throws IOException {
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER)) {
            content.writeTo(out);
            out.flush();
            channel.force(true);
        }
    }

    private static void discard(Path part, Exception failure) {
        try {
            Files.deleteIfExists(part);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    /** Makes a rename survive a power failure; a directory can be opened for this on Unix only. */
    private static void forceDirectory(Path directory) throws IOException {
        if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }
}
