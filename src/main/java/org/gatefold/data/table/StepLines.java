package org.gatefold.data.table;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.gatefold.file.TextReader;

/**
 * CSV with a sequence a line, such as landmarks of a hand in one frame after the other: as many numbers for each step, step by step, and a
 * class, in the first column or in one that is named. The first line may hold names. It becomes a table as {@link TsFile} gives it.
 *
 * @param channels numbers of a step
 * @param label the column of classes, by name or by number from 1 on; null for {@value TsFile#LABEL}, or the first if none is called so
 */
public record StepLines(int channels, String label) {
    private static final String SEPARATORS = "[,;\t]";

    /** Checks that steps have numbers. */
    public StepLines {
        if (channels < 1) {
            throw new IllegalArgumentException("channels: expected at least 1, got " + channels);
        }
    }

    /**
     * Reads a stream, plain or packed by gzip, and closes it. Lines of whole steps, of more than one number each, have no class.
     *
     * @param source the name for messages
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException naming the line that is not as the others, or that there is none
     */
    public Table read(String source, InputStream stream) throws IOException {
        try (BufferedReader reader = new BufferedReader(TextReader.of(source, stream, null, 0))) {
            Lines lines = null;
            long number = 0;
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                number++;
                if (line.isBlank()) {
                    continue;
                }
                String[] fields = Arrays.stream(line.split(SEPARATORS, -1))
                        .map(String::strip)
                        .toArray(String[]::new);
                boolean isFirst = lines == null;
                lines = isFirst ? new Lines(source, number, fields) : lines;
                if (!(isFirst && lines.named)) {
                    lines.add(number, fields);
                }
            }
            if (lines == null || lines.rows == 0) {
                throw new IllegalArgumentException(source + ": expected a sequence a line, found none");
            }
            return lines.table();
        }
    }

    /** The lines of a file. */
    private final class Lines {
        private final String source;
        private final int width;
        /** Where classes are; -1 for nowhere. */
        private final int place;

        private final boolean named;
        private final List<TextColumn> columns = new ArrayList<>();
        private final LineNumbers numbers = new LineNumbers();
        private int rows;

        Lines(String source, long line, String... first) {
            this.source = source;
            width = first.length;
            named = Arrays.stream(first).filter(field -> !isNumber(field)).count() > 1;
            place = place(line, first);
            if ((width - (place < 0 ? 0 : 1)) % channels != 0 || width == 1) {
                throw TsFile.wrong(
                        source,
                        line,
                        "a class and steps of " + channels + (channels == 1 ? " number" : " numbers"),
                        width + " fields");
            }
            Stream.generate(TextColumn::new)
                    .limit(channels + (place < 0 ? 0 : 1))
                    .forEach(columns::add);
        }

        private int place(long line, String... first) {
            String wanted = label == null ? TsFile.LABEL : label;
            int found = named ? List.of(first).indexOf(wanted) : -1;
            if (found >= 0) {
                return found;
            }
            if (label != null && label.matches("[1-9]\\d{0,8}") && Integer.parseInt(label) <= width) {
                return Integer.parseInt(label) - 1;
            }
            if (label != null) {
                throw TsFile.wrong(source, line, "a column '" + label + "' of classes", width + " columns of others");
            }
            return channels > 1 && width % channels == 0 ? -1 : 0;
        }

        void add(long line, String... fields) {
            if (fields.length != width) {
                throw TsFile.wrong(source, line, width + " fields, as above", Integer.toString(fields.length));
            }
            StringBuilder[] texts =
                    Stream.generate(StringBuilder::new).limit(channels).toArray(StringBuilder[]::new);
            int at = 0;
            for (int i = 0; i < width; i++) {
                if (i != place) {
                    StringBuilder text = texts[at++ % channels];
                    text.append(text.length() == 0 ? "" : ",").append(fields[i]);
                }
            }
            for (int channel = 0; channel < channels; channel++) {
                columns.get(channel).add(texts[channel].toString());
            }
            if (place >= 0) {
                columns.get(channels).add(fields[place]);
            }
            numbers.add(rows++, line);
        }

        Table table() {
            return new CsvTable(
                    source, CsvFormat.detect(), ',', TsFile.names(columns.size(), place >= 0), columns, numbers, rows);
        }
    }

    private static boolean isNumber(String field) {
        try {
            return Double.isFinite(Double.parseDouble(field));
        } catch (NumberFormatException e) {
            return false;
        }
    }
}
