package org.gatefold.data.text;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.gatefold.data.table.Numerals;
import org.gatefold.file.DataStream;

/** Reads what {@link WordVectors} describes. Owns its stream; one thread. */
final class WordVectorReader implements Closeable {
    private static final int MOST_FEATURES = 1 << 16;
    private static final int LONGEST_WORD = 1 << 12;
    private static final int LONGEST_LINE = 1 << 21;
    private static final int BUFFER = 1 << 16;

    /** Bytes behind the first word that tell whether vectors are text. */
    private static final int LOOKED_AT = 256;

    /** The number of words of a file without header. */
    private static final long UNTOLD = -1;

    private final InputStream stream;
    private final String source;
    private final long told;
    private final int features;
    private byte[] buffer = new byte[BUFFER];
    private int at;
    private int end;
    private long line;
    private int lineFrom;
    private int lineTo;

    /** Reads the first line, and goes back to it if it is no header. */
    WordVectorReader(DataStream stream) throws IOException {
        this.stream = stream;
        this.source = stream.source();
        try {
            if (!nextLine()) {
                throw new IllegalArgumentException(source + ": expected words and their vectors, got an empty file");
            }
            String[] first = text(lineFrom, lineTo).strip().split("[ \t]+", -1);
            boolean header = first.length == 2 && isCount(first[0]) && isCount(first[1]);
            if (first.length < 2) {
                throw wrong("expected a word and its vector, or the numbers of words and of features", text());
            }
            long wide = header ? Long.parseLong(first[1]) : featuresOf(first);
            if (wide < 1 || wide > MOST_FEATURES) {
                throw new IllegalArgumentException(
                        where() + ": expected 1 to " + MOST_FEATURES + " features, got " + wide);
            }
            told = header ? Long.parseLong(first[0]) : UNTOLD;
            features = (int) wide;
            if (!header) {
                at = lineFrom;
                line = 0;
            }
        } catch (IOException | RuntimeException e) {
            stream.close();
            throw e;
        }
    }

    private static boolean isCount(String text) {
        return text.matches("\\d{1,18}");
    }

    /** The numbers at the end of a line, of which the word is the first part in any case. */
    private static long featuresOf(String... parts) {
        int count = 0;
        while (count < parts.length - 1 && isNumber(parts[parts.length - 1 - count])) {
            count++;
        }
        // What is no number among the others is for read() to name.
        return count < parts.length / 2 ? parts.length - 1 : count;
    }

    int features() {
        return features;
    }

    /** The vectors of the words that are wanted. */
    Map<String, float[]> read(Predicate<String> wanted) throws IOException {
        Map<String, float[]> vectors = new LinkedHashMap<>();
        long words = told != UNTOLD && !isText() ? readBinary(wanted, vectors) : readLines(wanted, vectors);
        if (words == 0) {
            throw new IllegalArgumentException(source + ": expected at least one word and its vector, got none");
        }
        return vectors;
    }

    private long readLines(Predicate<String> wanted, Map<String, float[]> vectors) throws IOException {
        long words = 0;
        while (nextLine()) {
            if (lineFrom == lineTo) {
                continue;
            }
            if (words == told) {
                throw wrong("expected the end behind " + told + " words, as line 1 tells", text());
            }
            readLine(wanted, vectors);
            words++;
        }
        requireTold(words);
        return words;
    }

    private void requireTold(long words) {
        if (told != UNTOLD && words < told) {
            throw new IllegalArgumentException(
                    source + ": expected " + told + " words, as line 1 tells, got " + words + "; the file is cut off");
        }
    }

    /** From the right: a word of some files has blanks in it. */
    private void readLine(Predicate<String> wanted, Map<String, float[]> vectors) {
        int[] starts = new int[features];
        int to = lineTo;
        for (int i = features - 1; i >= 0; i--) {
            int from = fieldBefore(to);
            if (from == lineFrom) {
                throw wrong("expected a word and " + features + " numbers", text());
            }
            if (!isNumber(from, to)) {
                throw wrong("expected a word and " + features + " numbers, number " + (i + 1), text(from, to));
            }
            starts[i] = from;
            to = blanksBefore(from);
        }
        for (int part = to, from; (from = fieldBefore(part)) > lineFrom; part = blanksBefore(from)) {
            if (isNumber(from, part)) {
                throw wrong("expected a word and " + features + " numbers", text());
            }
        }
        String word = text(lineFrom, to);
        if (wanted.test(word) && !vectors.containsKey(word)) {
            vectors.put(word, numbers(starts));
        }
    }

    private float[] numbers(int... starts) {
        float[] vector = new float[features];
        for (int i = 0; i < features; i++) {
            int to = i + 1 < features ? blanksBefore(starts[i + 1]) : lineTo;
            String number = text(starts[i], to);
            vector[i] = Float.parseFloat(number);
            if (!Float.isFinite(vector[i])) {
                throw wrong("expected a word and " + features + " finite numbers, number " + (i + 1), number);
            }
        }
        return vector;
    }

    /** Where the field begins that ends before {@code to}. */
    private int fieldBefore(int to) {
        int from = to;
        while (from > lineFrom && !isBlank(buffer[from - 1])) {
            from--;
        }
        return from;
    }

    private int blanksBefore(int from) {
        int to = from;
        while (to > lineFrom && isBlank(buffer[to - 1])) {
            to--;
        }
        return to;
    }

    private static boolean isBlank(byte octet) {
        return octet == ' ' || octet == '\t' || octet == '\r';
    }

    private static boolean isNumber(String text) {
        return text.matches("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");
    }

    /** As {@link #isNumber(String)}, without making a text: most lines of a long file are not kept. */
    private boolean isNumber(int from, int to) {
        int i = from;
        i += i < to && (buffer[i] == '+' || buffer[i] == '-') ? 1 : 0;
        int whole = digits(i, to);
        int digits = whole - i;
        i = whole;
        if (i < to && buffer[i] == '.') {
            int decimals = digits(i + 1, to);
            digits += decimals - i - 1;
            i = decimals;
        }
        if (digits > 0 && i < to && (buffer[i] == 'e' || buffer[i] == 'E')) {
            i++;
            i += i < to && (buffer[i] == '+' || buffer[i] == '-') ? 1 : 0;
            int exponent = digits(i, to);
            digits = exponent - i;
            i = exponent;
        }
        return digits > 0 && i == to;
    }

    private int digits(int from, int to) {
        int i = from;
        while (i < to && buffer[i] >= '0' && buffer[i] <= '9') {
            i++;
        }
        return i;
    }

    /** Numbers are printable ASCII; of binary ones, hardly any is. */
    private boolean isText() throws IOException {
        while (end - at < LONGEST_WORD + LOOKED_AT && fill()) {}
        int space = at;
        while (space < end && buffer[space] != ' ') {
            space++;
        }
        int to = Math.min(end, space + 1 + Math.min(LOOKED_AT, Float.BYTES * features));
        for (int i = space + 1; i < to; i++) {
            if (buffer[i] == '\n' && i - space >= 2 * features) {
                return true;
            }
            if ((buffer[i] < ' ' || buffer[i] > '~') && !isBlank(buffer[i]) && buffer[i] != '\n') {
                return false;
            }
        }
        return true;
    }

    private long readBinary(Predicate<String> wanted, Map<String, float[]> vectors) throws IOException {
        for (long word = 0; word < told; word++) {
            skipLineEnds();
            int length = 0;
            while (available(length + 1) && buffer[at + length] != ' ') {
                length++;
                if (length > LONGEST_WORD) {
                    throw new IllegalArgumentException(
                            where(word) + ": expected at most " + LONGEST_WORD + " bytes before a blank, got more");
                }
            }
            String text = text(at, at + length);
            int size = Float.BYTES * features;
            at += length;
            if (!available(1 + size)) {
                requireTold(word);
            }
            ByteBuffer numbers = ByteBuffer.wrap(buffer, at + 1, size).slice().order(ByteOrder.LITTLE_ENDIAN);
            at += 1 + size;
            if (wanted.test(text) && !vectors.containsKey(text)) {
                float[] vector = new float[features];
                numbers.asFloatBuffer().get(vector);
                for (float number : vector) {
                    if (!Float.isFinite(number)) {
                        throw new IllegalArgumentException(where(word) + ", '" + Numerals.abridged(text)
                                + "': expected finite numbers, got " + number);
                    }
                }
                vectors.put(text, vector);
            }
        }
        skipLineEnds();
        if (available(1)) {
            throw new IllegalArgumentException(
                    source + ": expected the end behind " + told + " words, as line 1 tells, got more");
        }
        return told;
    }

    private String where(long word) {
        return source + ", word " + (word + 1);
    }

    private void skipLineEnds() throws IOException {
        while (available(1) && (buffer[at] == '\n' || buffer[at] == '\r')) {
            at++;
        }
    }

    /** True if there are so many bytes more. */
    private boolean available(int bytes) throws IOException {
        while (end - at < bytes) {
            if (!fill()) {
                return false;
            }
        }
        return true;
    }

    /** Goes to the next line, without the blanks at its end; false if there is none. */
    private boolean nextLine() throws IOException {
        int to = at;
        while (true) {
            while (to < end && buffer[to] != '\n') {
                to++;
            }
            if (to < end) {
                break;
            }
            if (to - at >= LONGEST_LINE) {
                line++;
                throw new IllegalArgumentException(where() + ": expected at most " + LONGEST_LINE + " bytes, got more");
            }
            int length = to - at;
            boolean more = fill();
            to = at + length;
            if (!more) {
                break;
            }
        }
        if (at == end) {
            return false;
        }
        line++;
        lineFrom = at;
        lineTo = blanksBefore(to);
        at = Math.min(end, to + 1);
        return true;
    }

    /** Reads more behind what is there, whose beginning goes to the buffer's; false if there is no more. */
    private boolean fill() throws IOException {
        if (end == buffer.length) {
            int length = end - at;
            byte[] target = length > buffer.length / 2 ? new byte[2 * buffer.length] : buffer;
            System.arraycopy(buffer, at, target, 0, length);
            buffer = target;
            at = 0;
            end = length;
        }
        int count = stream.read(buffer, end, buffer.length - end);
        end += Math.max(0, count);
        return count > 0;
    }

    private String where() {
        return source + ", line " + line;
    }

    private String text() {
        return text(lineFrom, lineTo);
    }

    private String text(int from, int to) {
        return new String(Arrays.copyOfRange(buffer, from, to), StandardCharsets.UTF_8);
    }

    private IllegalArgumentException wrong(String expected, String got) {
        return new IllegalArgumentException(where() + ": " + expected + ", got '" + Numerals.abridged(got) + "'");
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
