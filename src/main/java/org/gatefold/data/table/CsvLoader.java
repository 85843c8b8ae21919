package org.gatefold.data.table;

import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.gatefold.file.TextReader;

/**
 * Reads one CSV text into columns, record by record. One thread, one use.
 *
 * <p>Empty lines before the first and after the last row are skipped; within a table of one column they are rows without a
 * value, within wider ones they are skipped. Columns that have neither a name nor a field are skipped, and unnamed columns
 * that have one are named by their number.
 */
final class CsvLoader {
    private static final int MOST_COLUMNS = 100_000;
    private static final int MOST_CHARACTERS = 16 << 20;

    private static final Pattern LINE = Pattern.compile("line (\\d+)");

    private final TextReader text;
    private final CsvFormat format;
    private final LineNumbers lines = new LineNumbers();
    private List<String> names;
    private List<TextColumn> columns;
    private long headerLine;
    private int rows;
    private int fullRows;

    private CsvLoader(TextReader text, CsvFormat format) {
        this.text = text;
        this.format = format;
    }

    /** Reads to the end and closes the text. */
    static CsvTable load(TextReader text, CsvFormat format) throws IOException {
        try (text) {
            return new CsvLoader(text, format).load();
        }
    }

    private CsvTable load() throws IOException {
        BufferedReader reader = new BufferedReader(text, CsvDialect.SAMPLE);
        CsvDialect dialect = CsvDialect.sniff(sample(reader));
        char separator = format.separator() == 0 ? dialect.separator() : format.separator();
        Fields fields = new Fields();
        try (CsvReader<Fields> csv = CsvReader.builder()
                .fieldSeparator(separator)
                .skipEmptyLines(false)
                .allowExtraFields(true)
                .allowMissingFields(true)
                .trimWhitespacesAroundQuotes(true)
                .maxBufferSize(MOST_CHARACTERS)
                .build(fields, reader)) {
            if (dialect.declared()) {
                csv.skipLines(1);
            }
            for (Fields record : csv) {
                take(record);
            }
        } catch (CsvParseException e) {
            throw complaint(e);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        if ((text.quotes() - fields.quotes) % 2 != 0) {
            throw new IllegalArgumentException(
                    text.source() + ", line " + fields.lastLine + ": a quote is opened and never closed");
        }
        return table(separator);
    }

    private static String sample(BufferedReader reader) throws IOException {
        char[] sample = new char[CsvDialect.SAMPLE];
        reader.mark(sample.length);
        int length = 0;
        for (int read = 0;
                read >= 0 && length < sample.length;
                read = reader.read(sample, length, sample.length - length)) {
            length += read;
        }
        reader.reset();
        return new String(sample, 0, length);
    }

    private IllegalArgumentException complaint(CsvParseException failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        if (cause instanceof IllegalArgumentException named) {
            return named;
        }
        String reason = String.valueOf(cause.getMessage());
        Matcher line = LINE.matcher(failure.getMessage());
        return new IllegalArgumentException(
                text.source() + ", line " + (line.find() ? line.group(1) : 1) + ": "
                        + (reason.startsWith("The maximum buffer size")
                                ? "expected fields of at most " + MOST_CHARACTERS
                                        + " characters, got more; a quote may be opened and never closed"
                                : reason),
                failure);
    }

    private void take(Fields fields) {
        if (fields.isEmpty() && (names == null || (fields.size() == 1 && names.size() > 1))) {
            return;
        }
        if (names == null) {
            begin(fields);
            if (format.header().orElse(true)) {
                return;
            }
        }
        requireWidth(fields);
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i) != null) {
                columns.get(i).add(i < fields.size() ? fields.get(i) : "");
            }
        }
        lines.add(rows, fields.line);
        rows++;
        fullRows = fields.isEmpty() ? fullRows : rows;
    }

    private void begin(Fields fields) {
        headerLine = fields.line;
        names = new ArrayList<>();
        for (int i = 0; i < fields.size(); i++) {
            names.add(format.header().orElse(true) ? fields.get(i).replaceAll("\\s+", " ") : Integer.toString(i + 1));
        }
        if (format.header().isEmpty() && names.stream().allMatch(CsvLoader::isValue)) {
            throw new IllegalArgumentException(text.source() + ", line " + headerLine
                    + ": expected names of columns, got "
                    + names.stream().limit(4).collect(Collectors.joining(", ")) + (names.size() > 4 ? ", …" : "")
                    + "; say header(false) if no line names them, header(true) if these are names");
        }
        requireDistinct(names);
        if (format.keptColumns() != null) {
            for (String wanted : format.keptColumns()) {
                CsvTable.index(text.source(), names, wanted);
            }
        }
        columns = new ArrayList<>();
        for (String name : names) {
            boolean wanted =
                    format.keptColumns() == null || format.keptColumns().contains(name);
            columns.add(wanted ? new TextColumn() : null);
        }
    }

    private static boolean isValue(String field) {
        return field.isEmpty() || Numerals.mayBeNumber(field) || Dates.mayBeDate(field);
    }

    private void requireDistinct(List<String> all) {
        Set<String> seen = new HashSet<>();
        for (String name : all) {
            if (!name.isEmpty() && !seen.add(name)) {
                throw new IllegalArgumentException(
                        text.source() + ", line " + headerLine + ": the column '" + name + "' is there twice");
            }
        }
    }

    /** Fields may be missing or more than names where they would be empty. */
    private void requireWidth(Fields fields) {
        boolean fits = true;
        for (int i = fields.size(); i < names.size(); i++) {
            fits &= names.get(i).isEmpty();
        }
        for (int i = names.size(); i < fields.size(); i++) {
            fits &= fields.get(i).isEmpty();
        }
        if (!fits) {
            throw new IllegalArgumentException(text.source() + ", line " + fields.line + ": expected " + names.size()
                    + " fields, got " + fields.size());
        }
    }

    private CsvTable table(char separator) {
        if (names == null) {
            throw new IllegalArgumentException(text.source() + " is empty");
        }
        if (fullRows == 0) {
            throw new IllegalArgumentException(text.source() + " has a header but no rows");
        }
        List<String> kept = new ArrayList<>();
        List<TableColumn> filled = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            TextColumn column = columns.get(i);
            if (column != null) {
                column.truncate(fullRows);
                if (!names.get(i).isEmpty() || !column.isEmpty()) {
                    kept.add(names.get(i).isEmpty() ? Integer.toString(i + 1) : names.get(i));
                    filled.add(column);
                }
            }
        }
        requireDistinct(kept);
        return new CsvTable(text.source(), format, separator, kept, filled, lines, fullRows);
    }

    /** One record; the same object for all. Counts the quotes that the text had to have for them. */
    private final class Fields extends AbstractBaseCsvCallbackHandler<Fields> {
        private final List<String> fields = new ArrayList<>();
        private long line;
        private long lastLine;
        private boolean empty;
        private long quotes;

        @Override
        protected void handleBegin(long startingLine) {
            fields.clear();
            line = startingLine;
            empty = true;
        }

        @Override
        protected void handleField(int index, char[] buffer, int offset, int length, boolean quoted) {
            if (index >= MOST_COLUMNS) {
                throw new IllegalArgumentException(
                        text.source() + ", line " + line + ": expected at most " + MOST_COLUMNS + " fields, got more");
            }
            int inside = 0;
            for (int i = offset; i < offset + length; i++) {
                inside += buffer[i] == '"' ? 1 : 0;
            }
            quotes += quoted ? 2 + 2L * inside : inside;
            String field = stripped(buffer, offset, offset + length);
            empty &= !quoted && field.isEmpty();
            fields.add(field);
        }

        @Override
        protected void handleEmpty() {
            fields.add("");
        }

        @Override
        protected Fields buildRecord() {
            lastLine = line;
            return this;
        }

        int size() {
            return fields.size();
        }

        String get(int index) {
            return fields.get(index);
        }

        /** True if there is nothing in it, not even quotes. */
        boolean isEmpty() {
            return empty;
        }
    }

    private static String stripped(char[] buffer, int from, int to) {
        int first = from;
        int end = to;
        while (first < end && isSpace(buffer[first])) {
            first++;
        }
        while (first < end && isSpace(buffer[end - 1])) {
            end--;
        }
        return new String(buffer, first, end - first);
    }

    /** Spaces that do not break too. */
    private static boolean isSpace(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c);
    }
}
