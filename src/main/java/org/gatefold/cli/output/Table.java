package org.gatefold.cli.output;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A table of text for the terminal: first and last column to the left, those between to the right. The last one is broken
 * at blanks where a line would be too long. One thread.
 */
public final class Table {
    private static final int LINE = 110;
    /** However wide the other columns are. */
    private static final int LEAST_LAST = 30;

    private final List<List<String>> rows = new ArrayList<>();

    public Table(String... header) {
        rows.add(List.of(header));
    }

    public Table row(String... fields) {
        if (fields.length != rows.get(0).size()) {
            throw new IllegalArgumentException("fields: expected " + rows.get(0).size() + ", got " + fields.length);
        }
        rows.add(List.of(fields));
        return this;
    }

    public void print(PrintWriter out) {
        int columns = rows.get(0).size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int column = 0; column < columns; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        int last = columns - 1;
        int before = 2;
        for (int column = 0; column < last; column++) {
            before += Math.max(1, widths[column]) + 2;
        }
        widths[last] = Math.min(widths[last], Math.max(LEAST_LAST, LINE - before));
        for (List<String> row : rows) {
            List<String> fields = new ArrayList<>(row);
            for (String part : broken(row.get(last), widths[last])) {
                fields.set(last, part);
                print(out, fields, widths);
                Collections.fill(fields, "");
            }
        }
    }

    private static void print(PrintWriter out, List<String> fields, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < widths.length; column++) {
            boolean left = column == 0 || column == widths.length - 1;
            String format = "%" + (left ? "-" : "") + Math.max(1, widths[column]) + "s  ";
            line.append(String.format(format, fields.get(column)));
        }
        out.println("  " + line.toString().stripTrailing());
    }

    /** The text in lines of at most {@code width}, but for words that are longer. */
    private static List<String> broken(String text, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ")) {
            if (line.length() > 0 && line.length() + 1 + word.length() > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.length() == 0 ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }
}
