package org.gatefold.data.table;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.RandomAccess;
import java.util.stream.IntStream;
import org.gatefold.file.TextReader;

/**
 * A table read from a CSV file: named columns of text, from which columns of numbers and dates are taken.
 *
 * <p>Immutable and thread-safe. The file is read as a stream, and the table takes about the memory of its text. What a
 * {@link CsvFormat} does not say is found: the separator (comma, semicolon, tab, bar, or what a first line {@code sep=;}
 * says), gzip, UTF-8 or UTF-16, a decimal comma, the order of day and month. What may be read in two ways is refused. Every
 * complaint names the file, the line and the column.
 */
public final class CsvTable implements Table {
    private final String source;
    private final CsvFormat format;
    private final char separator;
    private final List<String> names;
    private final List<TableColumn> columns;
    private final LineNumbers lines;
    private final int rows;

    CsvTable(
            String source,
            CsvFormat format,
            char separator,
            List<String> names,
            List<? extends TableColumn> columns,
            LineNumbers lines,
            int rows) {
        this.source = source;
        this.format = format;
        this.separator = separator;
        this.names = List.copyOf(names);
        this.columns = List.copyOf(columns);
        this.lines = lines;
        this.rows = rows;
    }

    /** Reads a file whose first line names the columns: {@link #read(Path, CsvFormat)} of {@link CsvFormat#detect}. */
    public static CsvTable read(Path file) throws IOException {
        return read(file, CsvFormat.detect());
    }

    /**
     * Reads a file.
     *
     * @throws IOException if the file cannot be read
     * @throws IllegalArgumentException if it is empty, too long or no text, has a line with another number of fields, a quote
     *     that is not closed, a column twice, no names of columns, or no rows
     */
    public static CsvTable read(Path file, CsvFormat format) throws IOException {
        return CsvLoader.load(TextReader.of(file, format.charset(), format.maxBytes()), format);
    }

    /** Reads a file without a header line; its columns are named {@code "1"}, {@code "2"} and so on. */
    public static CsvTable readWithoutHeader(Path file) throws IOException {
        return read(file, CsvFormat.detect().header(false));
    }

    /** Reads a stream, named {@code source} in messages, whose first line names the columns; closes the stream. */
    public static CsvTable read(String source, InputStream stream) throws IOException {
        return read(source, stream, CsvFormat.detect());
    }

    /** Reads a stream, named {@code source} in messages, as {@link #read(Path, CsvFormat)} does; closes the stream. */
    public static CsvTable read(String source, InputStream stream, CsvFormat format) throws IOException {
        return CsvLoader.load(TextReader.of(source, stream, format.charset(), format.maxBytes()), format);
    }

    /** Reads a stream without a header line; its columns are named {@code "1"}, {@code "2"} and so on. */
    public static CsvTable readWithoutHeader(String source, InputStream stream) throws IOException {
        return read(source, stream, CsvFormat.detect().header(false));
    }

    /** The file or resource, as messages name it. */
    @Override
    public String source() {
        return source;
    }

    /** The names of the columns, in the order of the file. */
    @Override
    public List<String> names() {
        return names;
    }

    /** The number of rows, the header not counted. */
    @Override
    public int rows() {
        return rows;
    }

    /** True if there is a column of this name. */
    @Override
    public boolean has(String column) {
        return names.contains(column);
    }

    /**
     * A column as text; its strings are made when they are asked for.
     *
     * @throws IllegalArgumentException if there is no such column; the message lists those that there are
     */
    @Override
    public List<String> text(String column) {
        return new Text(columns.get(index(column)));
    }

    /** A column as a list. */
    public static final class Text extends AbstractList<String> implements RandomAccess {
        private final TableColumn column;

        public Text(TableColumn column) {
            this.column = column;
        }

        @Override
        public String get(int row) {
            if (row < 0 || row >= column.rows()) {
                throw new IndexOutOfBoundsException("row: expected 0 to " + (column.rows() - 1) + ", got " + row);
            }
            return column.text(row);
        }

        @Override
        public int size() {
            return column.rows();
        }
    }

    /**
     * A column as finite numbers.
     *
     * @throws IllegalArgumentException if there is no such column, or if a field is empty, not a number, NaN or infinite, or
     *     could be read in two ways; the message names file, line and column
     */
    @Override
    public double[] numbers(String column) {
        int index = index(column);
        return numbers(index, new boolean[rows]);
    }

    private double[] numbers(int index, boolean... skipped) {
        if (columns.get(index) instanceof NumberColumn computed) {
            return computed.values().clone();
        }
        Numerals numerals = numerals(index);
        double[] values = new double[rows];
        for (int row = 0; row < rows; row++) {
            if (!skipped[row]) {
                try {
                    values[row] = numerals.parse(columns.get(index).text(row));
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException(where(row, index) + ": " + e.getMessage(), e);
                }
            }
        }
        return values;
    }

    /** How the numbers of a column are written, by the format and by what its fields and those of others show. */
    private Numerals numerals(int index) {
        char thousands = format.thousands();
        if (format.decimal() != 0) {
            return Numerals.of(format.decimal(), thousands);
        }
        if (thousands == '.' || thousands == ',') {
            return Numerals.of(thousands == '.' ? ',' : '.', thousands);
        }
        Numerals.Evidence evidence = Numerals.Evidence.of(columns.get(index), thousands);
        if (evidence.comma()) {
            return Numerals.of(',', thousands);
        }
        if (evidence.either() >= 0 && !evidence.point()) {
            String field = columns.get(index).text(evidence.either());
            boolean others = othersHaveDecimalCommas(index);
            if (field.indexOf(',') >= 0 && others) {
                return Numerals.of(',', thousands);
            }
            if (field.indexOf(',') >= 0 || others) {
                throw new IllegalArgumentException(where(evidence.either(), index) + ": '" + field + "' may be "
                        + field.replace(',', '.') + " or " + field.replaceAll("[,.]", "")
                        + "; say which by decimal(CHARACTER) or thousands(CHARACTER)");
            }
        }
        return Numerals.of('.', thousands);
    }

    /** Where commas separate fields, a field such as "1,2" is rather a list than a number. */
    private boolean othersHaveDecimalCommas(int index) {
        return separator != ','
                && IntStream.range(0, columns.size())
                        .filter(other -> other != index)
                        .anyMatch(other -> Numerals.Evidence.of(columns.get(other), format.thousands())
                                .comma());
    }

    /** True if the first field of a column that is not missing may be a number. */
    @Override
    public boolean startsWithNumber(String column) {
        return text(column).stream()
                .filter(field -> !format.isMissing(field))
                .findFirst()
                .filter(Numerals::mayBeNumber)
                .isPresent();
    }

    /**
     * A column as dates and times, as they are written: a time zone is read over.
     *
     * @throws IllegalArgumentException if there is no such column, or if a field is no date, none of the calendar, or could be
     *     read in two ways; the message names file, line and column
     */
    @Override
    public List<LocalDateTime> dates(String column) {
        return Dates.read(text(column), format.dayFirst(), row -> where(row, column));
    }

    /**
     * The rows in which the value of a column is missing, by the format's tokens.
     *
     * @throws IllegalArgumentException if there is no such column
     */
    public boolean[] missing(String column) {
        TableColumn fields = columns.get(index(column));
        boolean[] missing = new boolean[rows];
        for (int row = 0; row < rows; row++) {
            missing[row] = format.isMissing(fields.text(row));
        }
        return missing;
    }

    /**
     * This table with something done about missing values of the columns named; all other columns stay as they are. Ask
     * {@link #missing} or {@link #withMask} of this table, not of the new one, where they were.
     *
     * @throws IllegalArgumentException if there is no such column, if none is named, if one to be filled holds what is neither
     *     a number nor missing, if there is no value to fill from, or if no row would be left
     */
    @Override
    public CsvTable withMissing(MissingValues policy, String... named) {
        return withMissing(policy, List.of(new Stretch(0, rows, rows)), named);
    }

    /**
     * As {@link #withMissing(MissingValues, String...)}, of rows that are no single series: nothing is filled from another stretch.
     *
     * @param stretches that all rows are in, in their order
     */
    public CsvTable withMissing(MissingValues policy, List<Stretch> stretches, String... named) {
        if (named.length == 0) {
            throw new IllegalArgumentException("columns: expected at least one name, got none");
        }
        int[] indices = Arrays.stream(named).mapToInt(this::index).toArray();
        return switch (policy) {
            case FAIL -> this;
            case DROP -> withoutMissing(named);
            case INTERPOLATE, FORWARD_FILL -> filled(policy, stretches, indices);
            case MASK -> withMasks(named).filled(policy, stretches, indices);
        };
    }

    private CsvTable withoutMissing(String... named) {
        boolean[] any = new boolean[rows];
        for (String column : named) {
            boolean[] missing = missing(column);
            for (int row = 0; row < rows; row++) {
                any[row] |= missing[row];
            }
        }
        int[] kept = IntStream.range(0, rows).filter(row -> !any[row]).toArray();
        if (kept.length == 0) {
            throw new IllegalArgumentException(
                    source + ": expected a row without missing values in " + String.join(", ", named) + ", got none");
        }
        return select(kept);
    }

    /**
     * A table of some rows of this one, in the order given.
     *
     * @param kept counted from 0
     */
    public CsvTable select(int... kept) {
        List<TableColumn> chosen =
                columns.stream().map(column -> column.rows(kept)).toList();
        return new CsvTable(source, format, separator, names, chosen, lines.rows(kept), kept.length);
    }

    private CsvTable filled(MissingValues policy, List<Stretch> stretches, int... indices) {
        List<TableColumn> changed = new ArrayList<>(columns);
        for (int index : indices) {
            boolean[] missing = missing(names.get(index));
            double[] values = numbers(index, missing);
            for (Stretch stretch : stretches) {
                int gap = policy.fill(values, missing, stretch);
                if (gap >= 0) {
                    throw new IllegalArgumentException(where(gap, index) + ": the value is missing, and there is none "
                            + reach(policy, stretches, stretch) + " to fill it from");
                }
            }
            changed.set(index, new NumberColumn(values));
        }
        return new CsvTable(source, format, separator, names, changed, lines, rows);
    }

    private static String reach(MissingValues policy, List<Stretch> stretches, Stretch stretch) {
        if (policy == MissingValues.FORWARD_FILL) {
            return "before it";
        }
        return stretches.size() == 1 && stretch.boundary() == stretch.to()
                ? "in the column"
                : "in rows " + (stretch.from() + 1) + " to " + stretch.boundary();
    }

    /** The name of the column that {@link #withMask} adds. */
    public static String maskName(String column) {
        return column + " missing";
    }

    /**
     * This table with one more column at its end, named by {@link #maskName}: 1 where the value of a column is missing, else
     * 0.
     *
     * @throws IllegalArgumentException if there is no such column, or if it has a mask already
     */
    public CsvTable withMask(String column) {
        boolean[] missing = missing(column);
        String name = maskName(column);
        if (has(name)) {
            throw new IllegalArgumentException(source + ": the column '" + name + "' is there already");
        }
        List<String> moreNames = new ArrayList<>(names);
        moreNames.add(name);
        List<TableColumn> more = new ArrayList<>(columns);
        more.add(new NumberColumn(IntStream.range(0, rows)
                .mapToDouble(row -> missing[row] ? 1 : 0)
                .toArray()));
        return new CsvTable(source, format, separator, moreNames, more, lines, rows);
    }

    /** This table with {@link #withMask} of each column. */
    public CsvTable withMasks(String... named) {
        CsvTable masked = this;
        for (String column : named) {
            masked = masked.withMask(column);
        }
        return masked;
    }

    private int index(String column) {
        return index(source, names, column);
    }

    static int index(String source, List<String> names, String column) {
        int index = names.indexOf(column);
        if (index < 0) {
            throw new IllegalArgumentException(
                    source + " has no column '" + column + "'; its columns are " + String.join(", ", names));
        }
        return index;
    }

    private String where(int row, int index) {
        return source + ", line " + lines.of(row) + ", column '" + names.get(index) + "'";
    }

    /** Where a field stands, as messages name it: file, line and column. */
    @Override
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
