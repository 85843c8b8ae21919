package org.gatefold.data.table;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.gatefold.file.TextReader;

/**
 * The {@code .ts} format in which archives of time series for classification come (sktime, "ts file format"; the UEA and UCR
 * archives use it): a row is a series of one or several channels, of any number of steps, and its class. Stateless.
 *
 * <p>A field of the table holds one channel of a row, its numbers separated by commas. Time stamps are not read.
 */
public final class TsFile {
    /** The name of the column of classes; there is none in files without. Channels are named {@code "1"} and so on. */
    public static final String LABEL = "label";

    private static final String CHANNEL_SEPARATOR = ":";

    private TsFile() {}

    /**
     * Reads a stream, plain or packed by gzip, and closes it.
     *
     * @param source the name for messages
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException naming the line of what is no such file
     */
    public static Table read(String source, InputStream stream) throws IOException {
        try (BufferedReader reader = new BufferedReader(TextReader.of(source, stream, null, 0))) {
            long number = 0;
            boolean labelled = true;
            boolean data = false;
            LineNumbers numbers = new LineNumbers();
            List<TextColumn> columns = new ArrayList<>();
            int rows = 0;
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                number++;
                String text = line.strip();
                if (text.isEmpty() || text.startsWith("#")) {
                    continue;
                }
                if (data) {
                    add(source, number, columns, text.split(CHANNEL_SEPARATOR, -1));
                    numbers.add(rows++, number);
                    continue;
                }
                String[] words = text.toLowerCase(Locale.ROOT).split("\\s+");
                boolean flag = words.length > 1 && words[1].equals("true");
                switch (words[0]) {
                    case "@data" -> data = true;
                    case "@classlabel" -> labelled = flag;
                    case "@timestamps" -> requireNone(source, number, "time stamps", flag);
                    case "@targetlabel" -> requireNone(source, number, "numbers instead of classes", flag);
                    default -> requireHeader(source, number, text);
                }
            }
            if (rows == 0) {
                throw new IllegalArgumentException(source + ": expected rows behind a line @data, found none");
            }
            return new CsvTable(
                    source, CsvFormat.detect(), ',', names(columns.size(), labelled), columns, numbers, rows);
        }
    }

    private static void add(String source, long line, List<TextColumn> columns, String... fields) {
        if (columns.isEmpty()) {
            Stream.generate(TextColumn::new).limit(fields.length).forEach(columns::add);
        }
        if (fields.length != columns.size()) {
            throw wrong(source, line, columns.size() + " parts separated by colons", Integer.toString(fields.length));
        }
        for (int i = 0; i < fields.length; i++) {
            columns.get(i).add(fields[i].strip());
        }
    }

    private static void requireNone(String source, long line, String what, boolean there) {
        if (there) {
            throw wrong(source, line, "a file without " + what, "one with");
        }
    }

    private static void requireHeader(String source, long line, String text) {
        if (!text.startsWith("@")) {
            throw wrong(source, line, "a line that begins with @ or #, before @data", "'" + text + "'");
        }
    }

    static IllegalArgumentException wrong(String source, long line, String expected, String actual) {
        return new IllegalArgumentException(source + ", line " + line + ": expected " + expected + ", got " + actual);
    }

    /** Channels by number, and classes behind them. */
    static List<String> names(int columns, boolean labelled) {
        List<String> names = new ArrayList<>();
        for (int column = 1; column <= columns; column++) {
            names.add(labelled && column == columns ? LABEL : Integer.toString(column));
        }
        return names;
    }
}
