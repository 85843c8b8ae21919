package org.gatefold.data.text;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.gatefold.data.table.Numerals;
import org.gatefold.file.TextReader;

/**
 * Reads sentences in the form of the CoNLL shared tasks: a line per token, the token in the first column and the tag in the
 * last, an empty line after every sentence. Columns stand between tabs, or between spaces if the first line has no tab; lines that
 * begin documents ({@code -DOCSTART-}) are skipped. Stateless.
 */
final class ConllReader {
    private static final String DOCUMENT = "-DOCSTART-";

    private ConllReader() {}

    /** Takes sentences one after the other. */
    @FunctionalInterface
    interface Sentences {
        /**
         * Takes a sentence, whose lists are reused for the next.
         *
         * @param line that its first token stands in
         * @param tags as many as tokens; none if there is one column alone
         */
        void add(int line, List<String> tokens, List<String> tags);
    }

    /**
     * Reads a text and closes it.
     *
     * @param least columns that there must be
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException naming the line that has another number of columns than the first, or too few; or if
     *     there is no sentence, or the text is too long or none
     */
    static void read(TextReader text, int least, Sentences sentences) throws IOException {
        List<String> tokens = new ArrayList<>();
        List<String> tags = new ArrayList<>();
        String separator = null;
        int width = 0;
        int number = 0;
        int first = 0;
        boolean any = false;
        try (BufferedReader reader = new BufferedReader(text)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                number++;
                if (line.startsWith(DOCUMENT)) {
                    continue;
                }
                if (line.isBlank()) {
                    end(sentences, first, tokens, tags);
                    continue;
                }
                separator = separator == null ? (line.contains("\t") ? "\t" : " +") : separator;
                String[] columns = line.stripTrailing().split(separator, -1);
                width = width == 0 ? Math.max(least, columns.length) : width;
                if (columns.length != width || columns[0].isBlank()) {
                    throw new IllegalArgumentException(text.source() + ", line " + number + ": expected a token"
                            + (width == 1 ? "" : " and " + (width - 1) + " more columns") + ", got '"
                            + Numerals.abridged(line) + "'");
                }
                first = tokens.isEmpty() ? number : first;
                tokens.add(columns[0]);
                if (width > 1) {
                    tags.add(columns[width - 1]);
                }
                any = true;
            }
        }
        end(sentences, first, tokens, tags);
        if (!any) {
            throw new IllegalArgumentException(text.source() + ": expected at least one sentence, found none");
        }
    }

    private static void end(Sentences sentences, int first, List<String> tokens, List<String> tags) {
        if (!tokens.isEmpty()) {
            sentences.add(first, tokens, tags);
            tokens.clear();
            tags.clear();
        }
    }
}
