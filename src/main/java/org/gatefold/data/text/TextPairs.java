package org.gatefold.data.text;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.util.List;
import org.gatefold.data.table.CsvTable;
import org.gatefold.data.table.Numerals;
import org.gatefold.data.table.TextColumn;
import org.gatefold.data.table.TextTable;
import org.gatefold.file.TextReader;

/**
 * Texts and what belongs to each, such as sentences and their translations, as a table of the columns {@link #SOURCE} and
 * {@link #TARGET}: a row a line, of one file with a tab between, or of two. Without the second there is one column.
 *
 * <p>Immutable and thread-safe.
 */
public final class TextPairs extends TextTable {
    public static final String SOURCE = "source";
    public static final String TARGET = "target";

    private static final char BETWEEN = '\t';

    private final List<String> sources;
    private final List<String> targets;

    /** @param targets null if there are none */
    private TextPairs(String source, List<String> sources, List<String> targets) {
        super(source);
        this.sources = sources;
        this.targets = targets;
    }

    /**
     * Reads texts alone, one a line, as {@link TextFile} reads them; closes the stream.
     *
     * @param source the name for messages
     * @param charset null for UTF-8 or UTF-16
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if there is no line, or the file is too long or no text
     */
    public static TextPairs lines(String source, InputStream stream, Charset charset) throws IOException {
        List<String> lines = TextFile.lines(TextReader.of(source, stream, charset, 0));
        if (lines.isEmpty()) {
            throw new IllegalArgumentException(source + ": expected at least one line, found none");
        }
        return new TextPairs(source, lines, null);
    }

    /**
     * Reads pairs, one a line with a tab between; what stands behind one more tab is left out. If the first line has no tab, there are
     * texts alone. As {@link #lines} else.
     *
     * @throws IllegalArgumentException naming the line that has no tab, or the first that has one though there are texts alone
     */
    public static TextPairs read(String source, InputStream stream, Charset charset) throws IOException {
        TextPairs all = lines(source, stream, charset);
        boolean pairs = all.sources.get(0).indexOf(BETWEEN) >= 0;
        TextColumn first = new TextColumn();
        TextColumn second = new TextColumn();
        for (int row = 0; row < all.rows(); row++) {
            String line = all.sources.get(row);
            int tab = line.indexOf(BETWEEN);
            if (tab >= 0 != pairs) {
                throw new IllegalArgumentException(all.where(row) + ": expected "
                        + (pairs ? "two texts with a tab between" : "a text without a tab")
                        + ", as in the first line, got '"
                        + Numerals.abridged(line) + "'");
            }
            if (pairs) {
                int end = line.indexOf(BETWEEN, tab + 1);
                first.add(line.substring(0, tab));
                second.add(line.substring(tab + 1, end < 0 ? line.length() : end));
            }
        }
        return pairs ? new TextPairs(source, new CsvTable.Text(first), new CsvTable.Text(second)) : all;
    }

    /**
     * These texts with what belongs to each.
     *
     * @param others as many texts alone
     * @throws IllegalArgumentException if there are more or fewer
     */
    public TextPairs with(TextPairs others) {
        if (others.rows() != rows()) {
            TextPairs longer = rows() > others.rows() ? this : others;
            TextPairs shorter = longer == this ? others : this;
            throw new IllegalArgumentException(source() + " and " + others.source()
                    + ": expected equally many lines, got " + rows() + " and " + others.rows() + "; line "
                    + (shorter.rows() + 1) + " of " + longer.source() + " has none beside it");
        }
        return new TextPairs(source(), sources, others.sources);
    }

    @Override
    public List<String> names() {
        return targets == null ? List.of(SOURCE) : List.of(SOURCE, TARGET);
    }

    @Override
    public int rows() {
        return sources.size();
    }

    @Override
    protected List<String> column(String name) {
        return name.equals(SOURCE) ? sources : targets;
    }

    @Override
    protected String where(int row) {
        return source() + ", line " + (row + 1);
    }
}
