package org.gatefold.data.table;

import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * How a CSV file is written, as far as the reader is not to find it out. Immutable and thread-safe; every method gives
 * another format.
 */
public final class CsvFormat {
    private static final CsvFormat DETECT = new CsvFormat();

    private Boolean header;
    private char separator;
    private Charset charset;
    private char decimal;
    private char thousands;
    private Boolean dayFirst;
    private Set<String> missing = Set.of("", "na", "nan", "null", "?", "-");
    private List<String> columns;
    private long maxBytes;

    private CsvFormat() {}

    /**
     * A format that is found from the file: separator, character set, decimal comma, order of day and month. Its first line
     * names the columns; a first line of numbers and dates alone is refused. Fields that are empty, or NA, NaN, null,
     * {@code ?} or {@code -} in any case, are missing.
     */
    public static CsvFormat detect() {
        return DETECT;
    }

    private CsvFormat with(Consumer<CsvFormat> change) {
        CsvFormat copy = new CsvFormat();
        copy.header = header;
        copy.separator = separator;
        copy.charset = charset;
        copy.decimal = decimal;
        copy.thousands = thousands;
        copy.dayFirst = dayFirst;
        copy.missing = missing;
        copy.columns = columns;
        copy.maxBytes = maxBytes;
        change.accept(copy);
        return copy;
    }

    /** Whether the first line names the columns, whatever it holds; without, they are named 1, 2 and so on. */
    public CsvFormat header(boolean there) {
        return with(format -> format.header = there);
    }

    /** What stands between fields. */
    public CsvFormat separator(char character) {
        if (character == '"' || character == '\n' || character == '\r' || character == 0) {
            throw new IllegalArgumentException("separator: expected no quote, line end or NUL, got "
                    + String.format(Locale.ROOT, "0x%02X", (int) character));
        }
        return with(format -> format.separator = character);
    }

    /** The character set, for instance windows-1252. */
    public CsvFormat charset(Charset set) {
        Objects.requireNonNull(set, "charset");
        return with(format -> format.charset = set);
    }

    /** What stands before decimals: a point or a comma. */
    public CsvFormat decimal(char character) {
        if (character != '.' && character != ',') {
            throw new IllegalArgumentException("decimal: expected '.' or ',', got '" + character + "'");
        }
        requireDistinct(character, thousands);
        return with(format -> format.decimal = character);
    }

    /** What stands between groups of three digits: a comma, point, space, apostrophe or underscore. */
    public CsvFormat thousands(char character) {
        if (Numerals.GROUPING.indexOf(character) < 0) {
            throw new IllegalArgumentException(
                    "thousands: expected ',', '.', a space, an apostrophe or '_', got '" + character + "'");
        }
        requireDistinct(decimal, character);
        return with(format -> format.thousands = character);
    }

    private static void requireDistinct(char decimal, char thousands) {
        if (decimal == thousands && decimal != 0) {
            throw new IllegalArgumentException(
                    "thousands: expected another character than decimal, got '" + decimal + "'");
        }
    }

    /** Whether {@code 03/04/2024} is 3 April rather than March 4; found where a day above 12 shows it. */
    public CsvFormat dayFirst(boolean first) {
        return with(format -> format.dayFirst = first);
    }

    /** What stands for missing values, in any case, in place of the usual. */
    public CsvFormat missing(String... tokens) {
        Set<String> set = new TreeSet<>();
        for (String token : tokens) {
            set.add(token.strip().toLowerCase(Locale.ROOT));
        }
        return with(format -> format.missing = Set.copyOf(set));
    }

    /** The only columns to keep; the others take no memory. */
    public CsvFormat columns(String... names) {
        if (names.length == 0) {
            throw new IllegalArgumentException("columns: expected at least one name, got none");
        }
        return with(format -> format.columns =
                Arrays.stream(names).map(String::strip).distinct().toList());
    }

    /** Most bytes of text, unpacked. By default a sixteenth of the largest Java heap, and at least 16 MiB. */
    public CsvFormat maxBytes(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("maxBytes: expected at least 1, got " + bytes);
        }
        return with(format -> format.maxBytes = bytes);
    }

    Optional<Boolean> header() {
        return Optional.ofNullable(header);
    }

    /** NUL if it is to be found. */
    char separator() {
        return separator;
    }

    /** Null if it is to be found. */
    Charset charset() {
        return charset;
    }

    /** NUL if it is to be found. */
    char decimal() {
        return decimal;
    }

    /** NUL if there are none. */
    char thousands() {
        return thousands;
    }

    Optional<Boolean> dayFirst() {
        return Optional.ofNullable(dayFirst);
    }

    boolean isMissing(String field) {
        return missing.contains(field.toLowerCase(Locale.ROOT));
    }

    /** Null for all. */
    List<String> keptColumns() {
        return columns;
    }

    /** 0 for the usual limit. */
    long maxBytes() {
        return maxBytes;
    }
}
