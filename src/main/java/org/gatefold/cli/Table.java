package org.gatefold.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** A table of text for the terminal: first and last column to the left, those between to the right. One thread. */
final class Table {
    private final List<List<String>> rows = new ArrayList<>();

    Table(String... header) {
        rows.add(List.of(header));
    }

    Table row(String... fields) {
        if (fields.length != rows.get(0).size()) {
            throw new IllegalArgumentException("fields: expected " + rows.get(0).size() + ", got " + fields.length);
        }
        rows.add(List.of(fields));
        return this;
    }

    void print(PrintWriter out) {
        int columns = rows.get(0).size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int column = 0; column < columns; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < columns; column++) {
                boolean left = column == 0 || column == columns - 1;
                String format = "%" + (left ? "-" : "") + Math.max(1, widths[column]) + "s  ";
                line.append(String.format(format, row.get(column)));
            }
            out.println("  " + line.toString().stripTrailing());
        }
    }
}
