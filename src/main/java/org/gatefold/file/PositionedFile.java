package org.gatefold.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * An open file that is read at any place, by interrupted threads too: where Java closes its channel for an interrupt, it is
 * opened again. Owns the channel. One thread at a time.
 */
final class PositionedFile implements AutoCloseable {
    private final Path path;
    private final long size;
    private FileChannel channel;

    /** @throws IOException if it cannot be opened */
    PositionedFile(Path path) throws IOException {
        this.path = path;
        size = Uninterrupted.call(() -> open().size());
    }

    /** The channel, opened again if an interrupt closed it. */
    private FileChannel open() throws IOException {
        if (channel == null || !channel.isOpen()) {
            channel = FileChannel.open(path, StandardOpenOption.READ);
        }
        return channel;
    }

    /** Its length in bytes when it was opened. */
    long size() {
        return size;
    }

    /**
     * Reads bytes from a place, as {@link FileChannel#read(ByteBuffer, long)} does.
     *
     * @throws IOException if reading fails, or if the file is another one by now
     */
    int read(ByteBuffer target, long position) throws IOException {
        return Uninterrupted.call(() -> {
            ByteBuffer part = target.duplicate();
            boolean closed = !channel.isOpen();
            if (closed && open().size() != size) {
                throw new IOException(path + ": was replaced while it was read");
            }
            int count = channel.read(part, position);
            target.position(part.position());
            return count;
        });
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
