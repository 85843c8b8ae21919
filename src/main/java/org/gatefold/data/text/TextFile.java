package org.gatefold.data.text;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.List;
import org.gatefold.data.table.CsvTable;
import org.gatefold.data.table.TextColumn;
import org.gatefold.file.TextReader;

/**
 * Texts of one line each, such as sentences and their translations in two files. Stateless.
 *
 * <p>A line ends with LF, CR or both, and with nothing else. Empty lines are lines; the end of the last line begins none.
 * Gzip is unpacked, UTF-8 and UTF-16 are found, and a byte order mark is skipped. A file longer than a sixteenth of the
 * largest Java heap, and than 16 MiB, is refused.
 */
public final class TextFile {
    private TextFile() {}

    /**
     * The lines of a file. The list is immutable and takes about the memory of the text; its strings are made when they are
     * asked for.
     *
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if it is too long, or no text; the message names the line
     */
    public static List<String> lines(Path file) throws IOException {
        return lines(TextReader.of(file, null, 0));
    }

    /** The lines of a file in a character set, for instance windows-1252; as {@link #lines(Path)} else. */
    public static List<String> lines(Path file, Charset charset) throws IOException {
        return lines(TextReader.of(file, charset, 0));
    }

    /** The lines of a stream, which {@code source} names in messages; closes it. As {@link #lines(Path)} else. */
    public static List<String> lines(String source, InputStream stream) throws IOException {
        return lines(TextReader.of(source, stream, null, 0));
    }

    static List<String> lines(TextReader text) throws IOException {
        TextColumn lines = new TextColumn();
        try (BufferedReader reader = new BufferedReader(text)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(line);
            }
        }
        return new CsvTable.Text(lines);
    }
}
