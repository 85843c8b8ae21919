package org.gatefold.data.text;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.gatefold.data.table.CsvTable;
import org.gatefold.data.table.Numerals;
import org.gatefold.data.table.TextColumn;
import org.gatefold.data.table.TextTable;
import org.gatefold.file.TextReader;

/**
 * Sentences in the columns of the CoNLL shared tasks as a table of the columns {@link #TOKENS} and {@link #TAGS}, one row a sentence,
 * with a blank between a token or tag and the next. A token may hold any character but blanks. Files of one column alone have no
 * tags; else they are as {@link TaggedSentence} reads them.
 *
 * <p>Immutable and thread-safe.
 */
public final class TaggedTable extends TextTable {
    public static final String TOKENS = "tokens";
    public static final String TAGS = "tags";

    private static final String BETWEEN = " ";
    private static final Pattern BLANK = Pattern.compile("\\s");

    private final CsvTable.Text tokens;
    private final CsvTable.Text tags;
    private final int[] lines;

    /**
     * @param tags null if there are none
     * @param lines that rows begin in
     */
    private TaggedTable(String source, CsvTable.Text tokens, CsvTable.Text tags, int... lines) {
        super(source);
        this.tokens = tokens;
        this.tags = tags;
        this.lines = lines;
    }

    /** Collects rows. */
    private static final class Rows implements ConllReader.Sentences {
        private final String source;
        private final TextColumn tokens = new TextColumn();
        private final TextColumn tags = new TextColumn();
        private int[] lines = new int[64];

        private Rows(String source) {
            this.source = source;
        }

        @Override
        public void add(int line, List<String> words, List<String> labels) {
            requireNoBlank(line, "token", words);
            requireNoBlank(line, "tag", labels);
            int row = tokens.rows();
            lines = row == lines.length ? Arrays.copyOf(lines, 2 * row) : lines;
            lines[row] = line;
            tokens.add(String.join(BETWEEN, words));
            if (!labels.isEmpty()) {
                tags.add(String.join(BETWEEN, labels));
            }
        }

        private void requireNoBlank(int line, String what, List<String> texts) {
            for (int i = 0; i < texts.size(); i++) {
                if (texts.get(i).isEmpty() || BLANK.matcher(texts.get(i)).find()) {
                    throw new IllegalArgumentException(source + ", line " + line + ": " + what + " " + (i + 1)
                            + " of the sentence: expected one without blanks, got '"
                            + Numerals.abridged(texts.get(i)) + "'");
                }
            }
        }
    }

    /**
     * Reads a stream, plain or packed by gzip, and closes it.
     *
     * @param source the name for messages
     * @param charset null for UTF-8 or UTF-16
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException naming the line of what is no token and tag; or if there is no sentence, or the file is too
     *     long or no text
     */
    public static TaggedTable read(String source, InputStream stream, Charset charset) throws IOException {
        Rows rows = new Rows(source);
        ConllReader.read(TextReader.of(source, stream, charset, 0), 1, rows);
        boolean tagged = rows.tags.rows() > 0;
        return new TaggedTable(
                source,
                new CsvTable.Text(rows.tokens),
                tagged ? new CsvTable.Text(rows.tags) : null,
                Arrays.copyOf(rows.lines, rows.tokens.rows()));
    }

    /** The tokens or tags of a row. */
    public static List<String> parts(String row) {
        return List.of(row.split(BETWEEN, -1));
    }

    @Override
    public List<String> names() {
        return tags == null ? List.of(TOKENS) : List.of(TOKENS, TAGS);
    }

    @Override
    public int rows() {
        return lines.length;
    }

    @Override
    protected List<String> column(String name) {
        return name.equals(TOKENS) ? tokens : tags;
    }

    @Override
    protected String where(int row) {
        return source() + ", line " + lines[row];
    }
}
