package org.gatefold.data.text;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import org.gatefold.data.table.CsvTable;
import org.gatefold.data.table.OneColumnTable;
import org.gatefold.data.table.TextColumn;
import org.gatefold.file.TextReader;

/**
 * A running text as a table of the one column {@link #TEXT}, one row a line.
 *
 * <p>A line ends with LF and with nothing else, so that every other character, CR and the separators of Unicode among them, is part of
 * the text; the last one need not end. Empty lines are lines. Immutable and thread-safe.
 */
public final class LineTable extends OneColumnTable {
    public static final String TEXT = "text";

    private static final int BUFFER = 1 << 14;

    private LineTable(String source, CsvTable.Text lines) {
        super(source, TEXT, lines, "line");
    }

    /**
     * Reads a stream, plain or packed by gzip, and closes it.
     *
     * @param source the name for messages
     * @param charset null for UTF-8 or UTF-16
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException naming the line of what is no text; or if the file is empty, or too long
     */
    public static LineTable read(String source, InputStream stream, Charset charset) throws IOException {
        TextColumn lines = new TextColumn();
        StringBuilder line = new StringBuilder();
        try (TextReader text = TextReader.of(source, stream, charset, 0).countingLineFeeds()) {
            char[] buffer = new char[BUFFER];
            for (int count = text.read(buffer, 0, BUFFER); count >= 0; count = text.read(buffer, 0, BUFFER)) {
                int from = 0;
                for (int i = 0; i < count; i++) {
                    if (buffer[i] == '\n') {
                        lines.add(line.append(buffer, from, i - from).toString());
                        line.setLength(0);
                        from = i + 1;
                    }
                }
                line.append(buffer, from, count - from);
            }
        }
        if (line.length() > 0) {
            lines.add(line.toString());
        }
        if (lines.rows() == 0) {
            throw new IllegalArgumentException(source + ": expected a text, got an empty file");
        }
        return new LineTable(source, new CsvTable.Text(lines));
    }
}
