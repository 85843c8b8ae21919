package org.gatefold.data;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPInputStream;

/**
 * A table read from a CSV file: named columns of text, from which columns of numbers are taken.
 *
 * <p>Immutable and thread-safe. The separator (comma, semicolon or tab) is found from the first line, gzip from the first
 * two bytes, and a byte order mark is skipped. Every complaint names the file, the line and the column.
 */
public final class CsvTable {
    private static final String SEPARATORS = ",;\t";
    private static final int GZIP_MAGIC = 0x8b1f;

    private final String source;
    private final List<String> names;
    private final List<List<String>> rows;
    private final long[] lines;

    private CsvTable(String source, List<String> names, List<List<String>> rows, long[] lines) {
        this.source = source;
        this.names = names;
        this.rows = rows;
        this.lines = lines;
    }

    /**
     * Reads a file whose first line names the columns.
     *
     * @throws IOException if the file cannot be read
     * @throws IllegalArgumentException if it is empty, has a line with another number of fields, or no rows
     */
    public static CsvTable read(Path file) throws IOException {
        return read(file, true);
    }

    /** Reads a file without a header line; its columns are named {@code "1"}, {@code "2"} and so on. */
    public static CsvTable readWithoutHeader(Path file) throws IOException {
        return read(file, false);
    }

    /** Reads a stream, named {@code source} in messages, whose first line names the columns; closes the stream. */
    public static CsvTable read(String source, InputStream stream) throws IOException {
        return read(source, stream, true);
    }

    /** Reads a stream without a header line; its columns are named {@code "1"}, {@code "2"} and so on. */
    public static CsvTable readWithoutHeader(String source, InputStream stream) throws IOException {
        return read(source, stream, false);
    }

    private static CsvTable read(Path file, boolean header) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException("cannot read " + file + ": it is a directory");
        }
        try (InputStream stream = Files.newInputStream(file)) {
            return read(file.toString(), stream, header);
        } catch (NoSuchFileException e) {
            throw new IOException("cannot read " + file + ": no such file", e);
        }
    }

    private static CsvTable read(String source, InputStream raw, boolean header) throws IOException {
        byte[] bytes;
        try (InputStream stream = decompress(raw)) {
            bytes = stream.readAllBytes();
        } catch (IOException e) {
            throw new IOException("cannot read " + source + ": " + e.getMessage(), e);
        }
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (text.startsWith("\uFEFF")) {
            text = text.substring(1);
        }
        if (text.isBlank()) {
            throw new IllegalArgumentException(source + " is empty");
        }
        List<String> names = null;
        List<List<String>> rows = new ArrayList<>();
        List<Long> lines = new ArrayList<>();
        try (CsvReader<CsvRecord> reader = CsvReader.builder()
                .fieldSeparator(separator(text))
                .allowExtraFields(true)
                .allowMissingFields(true)
                .ofCsvRecord(text)) {
            for (CsvRecord csv : reader) {
                List<String> fields =
                        csv.getFields().stream().map(String::strip).toList();
                if (names == null) {
                    names = header ? fields : numbered(fields.size());
                    requireDistinct(source, names);
                    if (header) {
                        continue;
                    }
                }
                if (fields.size() != names.size()) {
                    throw new IllegalArgumentException(source + ", line " + csv.getStartingLineNumber() + ": expected "
                            + names.size() + " fields, got " + fields.size());
                }
                rows.add(fields);
                lines.add(csv.getStartingLineNumber());
            }
        } catch (CsvParseException e) {
            throw new IllegalArgumentException(source + " is not readable as CSV: " + e.getMessage(), e);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        if (rows.isEmpty()) {
            throw new IllegalArgumentException(source + " has a header but no rows");
        }
        return new CsvTable(
                source,
                List.copyOf(names),
                List.copyOf(rows),
                lines.stream().mapToLong(Long::longValue).toArray());
    }

    private static InputStream decompress(InputStream raw) throws IOException {
        BufferedInputStream stream = new BufferedInputStream(raw);
        stream.mark(2);
        int magic = stream.read() | stream.read() << 8;
        stream.reset();
        return magic == GZIP_MAGIC ? new GZIPInputStream(stream) : stream;
    }

    /** The separator that occurs most often in the first line; a comma if none does. */
    private static char separator(String text) {
        String first = text.lines().findFirst().orElse("");
        char best = ',';
        long most = 0;
        for (int i = 0; i < SEPARATORS.length(); i++) {
            char candidate = SEPARATORS.charAt(i);
            long count = first.chars().filter(c -> c == candidate).count();
            if (count > most) {
                most = count;
                best = candidate;
            }
        }
        return best;
    }

    private static List<String> numbered(int columns) {
        List<String> names = new ArrayList<>();
        for (int column = 1; column <= columns; column++) {
            names.add(Integer.toString(column));
        }
        return names;
    }

    private static void requireDistinct(String source, List<String> names) {
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (!seen.add(name)) {
                throw new IllegalArgumentException(source + ", line 1: the column '" + name + "' is there twice");
            }
        }
    }

    /** The file or resource, as messages name it. */
    public String source() {
        return source;
    }

    /** The names of the columns, in the order of the file. */
    public List<String> names() {
        return names;
    }

    /** The number of rows, the header not counted. */
    public int rows() {
        return rows.size();
    }

    /** True if there is a column of this name. */
    public boolean has(String column) {
        return names.contains(column);
    }

    /**
     * A column as text.
     *
     * @throws IllegalArgumentException if there is no such column; the message lists those that there are
     */
    public List<String> text(String column) {
        int index = index(column);
        return rows.stream().map(row -> row.get(index)).toList();
    }

    /**
     * A column as finite numbers.
     *
     * @throws IllegalArgumentException if there is no such column, or if a field is empty, not a number, NaN or infinite;
     *     the message names file, line and column
     */
    public double[] numbers(String column) {
        int index = index(column);
        double[] values = new double[rows.size()];
        for (int row = 0; row < values.length; row++) {
            values[row] = number(row, index);
        }
        return values;
    }

    private double number(int row, int index) {
        String field = rows.get(row).get(index);
        if (field.isEmpty()) {
            throw new IllegalArgumentException(where(row, index) + ": expected a number, the field is empty");
        }
        double value;
        try {
            value = Double.parseDouble(field);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(where(row, index) + ": expected a number, got '" + field + "'", e);
        }
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(where(row, index) + ": expected a finite number, got '" + field + "'");
        }
        return value;
    }

    private int index(String column) {
        int index = names.indexOf(column);
        if (index < 0) {
            throw new IllegalArgumentException(
                    source + " has no column '" + column + "'; its columns are " + String.join(", ", names));
        }
        return index;
    }

    private String where(int row, int index) {
        return source + ", line " + lines[row] + ", column '" + names.get(index) + "'";
    }

    /** Where a field stands, as messages name it: file, line and column. */
    public String where(int row, String column) {
        return where(row, index(column));
    }

    /**
     * Checks that there are enough rows.
     *
     * @param purpose what needs them, for the message
     */
    public void requireRows(int least, String purpose) {
        if (rows() < least) {
            throw new IllegalArgumentException(
                    source + ": expected at least " + least + " rows for " + purpose + ", got " + rows());
        }
    }

    @Override
    public String toString() {
        return source + ": " + rows() + " rows of " + String.join(", ", names);
    }
}
