package org.gatefold.cli.output;

import java.io.PrintWriter;
import java.util.Arrays;

/**
 * A table of text that is printed while its rows come, so that its columns are as wide as was thought necessary before:
 * what is wider moves the rest of its row. The first columns, of names, stand to the left, the others to the right. One
 * thread.
 */
final class LiveTable {
    private static final String MARGIN = "  ";

    private final PrintWriter out;
    private final int names;
    private final int[] widths;
    private int column;

    /**
     * Prints the header.
     *
     * @param names columns of names
     * @param columns titles, each with blanks on either side that make it as wide as its column
     */
    LiveTable(PrintWriter out, int names, String... columns) {
        this.out = out;
        this.names = names;
        this.widths = new int[columns.length];
        for (int i = 0; i < columns.length; i++) {
            widths[i] = columns[i].length();
        }
        row(Arrays.stream(columns).map(String::strip).toArray(String[]::new));
    }

    /** Prints the next fields of a row, and ends the line behind its last. */
    void row(String... fields) {
        for (String field : fields) {
            String format = "%" + (column < names ? "-" : "") + widths[column] + "s";
            out.print(MARGIN + String.format(format, field));
            column++;
        }
        if (column == widths.length) {
            out.println();
            column = 0;
        }
        out.flush();
    }
}
