package org.gatefold.file;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.GZIPInputStream;

/**
 * The bytes of a file or stream, unpacked if gzip packed them, and no more of them than a limit. Owns what it reads; one
 * thread.
 *
 * <p>Reading throws an {@link IOException} that names the source, and an {@link IllegalArgumentException} behind the limit.
 */
public final class DataStream extends FilterInputStream {
    private static final int GZIP = 0x8b1f;
    private static final int BUFFER = 1 << 16;

    /** A part of the Java heap that data may be long: what is made of them takes several times their length. */
    private static final int PART_OF_HEAP = 16;

    private static final long LEAST_LIMIT = 16L << 20;

    /** Deflate packs no more bytes than this into one. */
    private static final int MOST_PACKED = 1032;

    private final String source;
    private final long limit;
    private final boolean ownLimit;
    private final Counted packed;
    private final boolean gzip;
    private long count;

    private DataStream(String source, InputStream raw, long limit) throws IOException {
        super(raw);
        this.source = source;
        this.ownLimit = limit > 0;
        this.limit =
                ownLimit ? limit : Math.max(LEAST_LIMIT, Runtime.getRuntime().maxMemory() / PART_OF_HEAP);
        packed = new Counted(new BufferedInputStream(raw, BUFFER));
        try {
            byte[] first = peek(packed, 2);
            gzip = first.length == 2 && ((first[0] & 0xff) | (first[1] & 0xff) << 8) == GZIP;
            in = gzip ? new BufferedInputStream(new GZIPInputStream(packed, BUFFER), BUFFER) : packed;
        } catch (IOException e) {
            raw.close();
            throw unreadable(e);
        }
    }

    /**
     * Opens a file.
     *
     * @param limit most bytes, unpacked; 0 for a part of the Java heap
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if it is longer than the limit
     */
    public static DataStream of(Path file, long limit) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException("cannot read " + file + ": it is a directory");
        }
        try {
            DataStream stream = new DataStream(file.toString(), Files.newInputStream(file), limit);
            long size = stream.gzip ? unpackedSize(file) : Files.size(file);
            if (size > stream.limit) {
                stream.close();
                throw stream.tooLong(size(size) + (stream.gzip ? ", unpacked from " + size(Files.size(file)) : ""));
            }
            return stream;
        } catch (NoSuchFileException e) {
            throw new IOException("cannot read " + file + ": no such file", e);
        }
    }

    /** Takes a stream, which {@code source} names in messages; as {@link #of(Path, long)} else. */
    public static DataStream of(String source, InputStream stream, long limit) throws IOException {
        return new DataStream(source, stream, limit);
    }

    /** The length that gzip notes at the end of a file, if it can be that; else 0, and reading will show it. */
    private static long unpackedSize(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return 0;
        }
        return Uninterrupted.call(() -> notedSize(file));
    }

    private static long notedSize(Path file) throws IOException {
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            ByteBuffer end = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            if (channel.size() < end.capacity()) {
                return 0;
            }
            channel.position(channel.size() - end.capacity());
            while (end.hasRemaining() && channel.read(end) >= 0) {}
            long size = Integer.toUnsignedLong(end.getInt(0));
            return size / MOST_PACKED < channel.size() ? size : 0;
        }
    }

    /** The file or resource, as messages name it. */
    public String source() {
        return source;
    }

    /** The next bytes, as many as there are up to a length below 64 KiB, without reading over them. */
    byte[] peek(int length) throws IOException {
        try {
            return peek(in, length);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** The next bytes of a stream that can be marked, which stay to be read, as many as there are up to a length. */
    public static byte[] peek(InputStream stream, int length) throws IOException {
        stream.mark(length);
        byte[] first = stream.readNBytes(length);
        stream.reset();
        return first;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int read;
        try {
            read = in.read(target, offset, length);
        } catch (IOException e) {
            throw unreadable(e);
        }
        count += Math.max(0, read);
        if (count > limit) {
            throw tooLong(gzip ? "more, unpacked from " + size(packed.count) + " so far" : "more");
        }
        return read;
    }

    @Override
    public long skip(long bytes) throws IOException {
        byte[] skipped = new byte[(int) Math.max(0, Math.min(bytes, BUFFER))];
        return Math.max(0, read(skipped, 0, skipped.length));
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    private IllegalArgumentException tooLong(String got) {
        return new IllegalArgumentException(source + ": expected at most " + size(limit) + " of data"
                + (ownLimit ? "" : " (a part of the Java heap: give it more, or set a limit)") + ", got " + got);
    }

    private IOException unreadable(IOException e) {
        return new IOException("cannot read " + source + ": " + e.getMessage(), e);
    }

    private static String size(long bytes) {
        if (bytes < 1 << 20) {
            return bytes + " bytes";
        }
        boolean mega = bytes < 1 << 30;
        return String.format(Locale.ROOT, "%.1f %s", bytes / (mega ? 0x1p20 : 0x1p30), mega ? "MiB" : "GiB");
    }

    /** Counts the bytes read; looking at them and going back does not count. */
    private static final class Counted extends FilterInputStream {
        private long count;
        private long marked;

        Counted(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int value = in.read();
            count += value < 0 ? 0 : 1;
            return value;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int read = in.read(target, offset, length);
            count += Math.max(0, read);
            return read;
        }

        @Override
        public synchronized void mark(int length) {
            in.mark(length);
            marked = count;
        }

        @Override
        public synchronized void reset() throws IOException {
            in.reset();
            count = marked;
        }
    }
}
