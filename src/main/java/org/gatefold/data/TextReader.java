package org.gatefold.data;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.GZIPInputStream;

/**
 * The characters of a text of bounded length: unpacks gzip, finds UTF-8 and UTF-16, skips a byte order mark, and names the
 * line of what is no text. Owns its stream; one thread.
 *
 * <p>{@code read} throws an {@link IllegalArgumentException} for bytes that are not of the character set, for a NUL
 * character, and where the text is longer than its limit.
 */
final class TextReader extends Reader {
    private static final int GZIP = 0x8b1f;
    private static final int ZIP = 0x4b50;
    private static final int BUFFER = 1 << 16;

    /** A part of the Java heap that a text may be long: tables and what is made of them take several times its length. */
    private static final int PART_OF_HEAP = 16;

    /** Deflate packs no more bytes than this into one. */
    private static final int MOST_PACKED = 1032;

    private static final long LEAST_LIMIT = 16L << 20;

    private final String source;
    private final long limit;
    private final boolean ownLimit;
    private final Counted packed;
    private final Counted unpacked;
    private final boolean gzip;
    private final CharsetDecoder decoder;
    private final boolean givenCharset;
    private final ByteBuffer bytes = ByteBuffer.allocate(BUFFER).limit(0);
    private final CharBuffer chars = CharBuffer.allocate(BUFFER).limit(0);
    private boolean begun;
    private boolean ended;
    private long line = 1;
    private char last;
    private long quotes;

    private TextReader(String source, InputStream raw, Charset charset, long limit) throws IOException {
        this.source = source;
        this.ownLimit = limit > 0;
        this.limit = ownLimit ? limit : defaultLimit();
        try {
            packed = new Counted(raw);
            byte[] first = packed.peek(2);
            int magic = first.length < 2 ? 0 : (first[0] & 0xff) | (first[1] & 0xff) << 8;
            if (magic == ZIP) {
                throw new IllegalArgumentException(
                        source + ": expected text, got a zip archive, as spreadsheets (.xlsx) are");
            }
            gzip = magic == GZIP;
            unpacked = gzip ? new Counted(new GZIPInputStream(packed)) : packed;
            givenCharset = charset != null;
            decoder = (givenCharset ? charset : detect(unpacked.peek(BUFFER / 16)))
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT);
        } catch (IOException e) {
            raw.close();
            throw unreadable(e);
        } catch (RuntimeException e) {
            raw.close();
            throw e;
        }
    }

    /**
     * Opens a file.
     *
     * @param charset null to find it
     * @param limit most bytes of text, unpacked; 0 for a part of the Java heap
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if it is longer than the limit, or no text
     */
    static TextReader of(Path file, Charset charset, long limit) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException("cannot read " + file + ": it is a directory");
        }
        try {
            TextReader reader = new TextReader(file.toString(), Files.newInputStream(file), charset, limit);
            long size = reader.gzip ? unpackedSize(file) : Files.size(file);
            if (size > reader.limit) {
                reader.close();
                throw reader.tooLong(size(size) + (reader.gzip ? ", unpacked from " + size(Files.size(file)) : ""));
            }
            return reader;
        } catch (NoSuchFileException e) {
            throw new IOException("cannot read " + file + ": no such file", e);
        }
    }

    /** The length that gzip notes at the end of a file, if it can be that; else 0, and reading will show it. */
    private static long unpackedSize(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return 0;
        }
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

    /** Takes a stream, which {@code source} names in messages; as {@link #of(Path, Charset, long)} else. */
    static TextReader of(String source, InputStream stream, Charset charset, long limit) throws IOException {
        return new TextReader(source, stream, charset, limit);
    }

    private static long defaultLimit() {
        return Math.max(LEAST_LIMIT, Runtime.getRuntime().maxMemory() / PART_OF_HEAP);
    }

    /** By the byte order mark, or by where the zeros of UTF-16's Latin letters stand; else UTF-8. */
    private static Charset detect(byte... first) {
        int mark = 0;
        for (int i = 0; i < 4; i++) {
            mark = mark << 8 | (i < first.length ? first[i] & 0xff : 1);
        }
        if (mark == 0xfffe0000) {
            return Charset.forName("UTF-32LE");
        }
        if (mark == 0xfeff) {
            return Charset.forName("UTF-32BE");
        }
        int[] zeros = new int[2];
        for (int i = 0; i < first.length; i++) {
            zeros[i % 2] += first[i] == 0 ? 1 : 0;
        }
        if (mark >>> 16 == 0xfffe || (zeros[0] == 0 && zeros[1] > first.length / 4)) {
            return StandardCharsets.UTF_16LE;
        }
        if (mark >>> 16 == 0xfeff || (zeros[1] == 0 && zeros[0] > first.length / 4)) {
            return StandardCharsets.UTF_16BE;
        }
        return StandardCharsets.UTF_8;
    }

    @Override
    public int read(char[] target, int offset, int length) throws IOException {
        if (!chars.hasRemaining() && !fill()) {
            return -1;
        }
        int count = Math.min(length, chars.remaining());
        chars.get(target, offset, count);
        return count;
    }

    private boolean fill() throws IOException {
        chars.clear();
        while (true) {
            CoderResult result = decoder.decode(bytes, chars, ended);
            if (result.isError()) {
                check();
                throw new IllegalArgumentException(where() + ": expected " + decoder.charset() + ", got the byte "
                        + String.format(Locale.ROOT, "0x%02X", bytes.get(bytes.position()))
                        + (givenCharset ? "" : "; save it as UTF-8, or say its charset, such as windows-1252"));
            }
            if (!begun && chars.position() > 0) {
                begun = true;
                if (chars.get(0) == '\uFEFF') {
                    chars.flip().get();
                    chars.compact();
                    continue;
                }
            }
            if (chars.position() > 0 && (result.isOverflow() || ended)) {
                break;
            }
            if (ended) {
                chars.flip();
                return false;
            }
            load();
        }
        check();
        chars.flip();
        return true;
    }

    private void load() throws IOException {
        bytes.compact();
        int count;
        try {
            count = unpacked.read(bytes.array(), bytes.position(), bytes.remaining());
        } catch (IOException e) {
            throw unreadable(e);
        }
        if (count < 0) {
            ended = true;
        } else {
            bytes.position(bytes.position() + count);
        }
        bytes.flip();
        if (unpacked.count > limit) {
            throw tooLong(gzip ? "more, unpacked from " + size(packed.count) + " so far" : "more");
        }
    }

    /** Counts the lines of what was decoded, and refuses NUL. */
    private void check() {
        char[] decoded = chars.array();
        int count = chars.position();
        for (int i = 0; i < count; i++) {
            char c = decoded[i];
            if (c == '\r' || (c == '\n' && last != '\r')) {
                line++;
            } else if (c == '"') {
                quotes++;
            } else if (c == 0) {
                throw new IllegalArgumentException(where() + ": expected text, got a NUL character");
            }
            last = c;
        }
    }

    private String where() {
        return source + ", line " + line;
    }

    private IllegalArgumentException tooLong(String got) {
        return new IllegalArgumentException(source + ": expected at most " + size(limit) + " of text"
                + (ownLimit ? "" : " (a part of the Java heap: give it more, or set a limit)") + ", got " + got);
    }

    private IOException unreadable(IOException e) {
        return new IOException("cannot read " + source + ": " + e.getMessage(), e);
    }

    private static String size(long bytes) {
        return bytes < 1 << 20
                ? bytes + " bytes"
                : String.format(
                        Locale.ROOT,
                        "%.1f %s",
                        bytes < 1 << 30 ? bytes / 0x1p20 : bytes / 0x1p30,
                        bytes < 1 << 30 ? "MiB" : "GiB");
    }

    /** The file or resource, as messages name it. */
    String source() {
        return source;
    }

    /** How many double quotes were read. */
    long quotes() {
        return quotes;
    }

    @Override
    public void close() throws IOException {
        unpacked.close();
    }

    /** A stream that counts what was read and can be looked into. */
    private static final class Counted extends FilterInputStream {
        private long count;

        Counted(InputStream in) {
            super(new BufferedInputStream(in, BUFFER));
        }

        byte[] peek(int length) throws IOException {
            in.mark(length);
            byte[] first = in.readNBytes(length);
            in.reset();
            return first;
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
    }
}
