package org.gatefold.file;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps a folder for one holder, among all processes and threads, until it is closed or its process ends, however it ends.
 * Those that do not ask for it are not kept out. The file that is locked stays in the folder: if it were removed, two
 * processes could hold two files of one name.
 */
public final class FolderLock implements AutoCloseable {
    private static final String NAME = ".lock";

    private final FileChannel channel;

    private FolderLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes the lock of a folder, without waiting.
     *
     * @return null if somebody else holds it
     * @throws IOException if the file cannot be made or locked
     */
    @MustBeClosed
    public static FolderLock take(Path folder) throws IOException {
        Path file = folder.resolve(NAME);
        return Uninterrupted.call(() -> {
            FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
            FileLock lock = null;
            try {
                lock = channel.tryLock();
            } catch (OverlappingFileLockException e) {
                // Held by this very process.
                lock = null;
            } finally {
                if (lock == null) {
                    channel.close();
                }
            }
            return lock == null ? null : new FolderLock(channel);
        });
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
