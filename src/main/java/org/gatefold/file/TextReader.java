package org.gatefold.file;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The characters of a text of bounded length: unpacks gzip, finds UTF-8 and UTF-16, skips a byte order mark, and names the
 * line of what is no text. Owns its stream; one thread.
 *
 * <p>{@code read} throws an {@link IllegalArgumentException} for bytes that are not of the character set, for a NUL
 * character, and where the text is longer than its limit.
 */
public final class TextReader extends Reader {
    private static final int ZIP = 0x4b50;
    private static final int BUFFER = 1 << 16;

    private final DataStream stream;
    private final CharsetDecoder decoder;
    private final boolean givenCharset;
    private final ByteBuffer bytes = ByteBuffer.allocate(BUFFER).limit(0);
    private final CharBuffer chars = CharBuffer.allocate(BUFFER).limit(0);
    private boolean begun;
    private boolean ended;
    private boolean lineFeeds;
    private long line = 1;
    private char last;
    private long quotes;

    private TextReader(DataStream stream, Charset charset) throws IOException {
        this.stream = stream;
        givenCharset = charset != null;
        try {
            byte[] first = stream.peek(BUFFER / 16);
            if (first.length > 1 && ((first[0] & 0xff) | (first[1] & 0xff) << 8) == ZIP) {
                throw new IllegalArgumentException(
                        source() + ": expected text, got a zip archive, as spreadsheets (.xlsx) are");
            }
            decoder = (givenCharset ? charset : detect(first))
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT);
        } catch (IOException | RuntimeException e) {
            stream.close();
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
    public static TextReader of(Path file, Charset charset, long limit) throws IOException {
        return new TextReader(DataStream.of(file, limit), charset);
    }

    /** Takes a stream, which {@code source} names in messages; as {@link #of(Path, Charset, long)} else. */
    public static TextReader of(String source, InputStream stream, Charset charset, long limit) throws IOException {
        return new TextReader(DataStream.of(source, stream, limit), charset);
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
        int count = stream.read(bytes.array(), bytes.position(), bytes.remaining());
        if (count < 0) {
            ended = true;
        } else {
            bytes.position(bytes.position() + count);
        }
        bytes.flip();
    }

    /** Counts the lines of what was decoded, and refuses NUL. */
    private void check() {
        char[] decoded = chars.array();
        int count = chars.position();
        for (int i = 0; i < count; i++) {
            char c = decoded[i];
            if (c == '\n' ? lineFeeds || last != '\r' : c == '\r' && !lineFeeds) {
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
        return source() + ", line " + line;
    }

    /** Counts lines by LF alone: for files in which nothing else ends them. */
    public TextReader countingLineFeeds() {
        lineFeeds = true;
        return this;
    }

    /** The file or resource, as messages name it. */
    public String source() {
        return stream.source();
    }

    /** How many double quotes were read. */
    public long quotes() {
        return quotes;
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
