package org.gatefold.data.text;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.gatefold.file.TextReader;

/**
 * A sentence whose every token has a tag, such as a part of speech or the kind of name that it belongs to. Immutable.
 *
 * @param tokens at least one
 * @param tags as many as tokens
 */
public record TaggedSentence(List<String> tokens, List<String> tags) {
    public TaggedSentence {
        tokens = List.copyOf(tokens);
        tags = List.copyOf(tags);
        if (tokens.isEmpty() || tags.size() != tokens.size()) {
            throw new IllegalArgumentException(
                    "tags: expected one for each of at least one token, got " + tags.size() + " for " + tokens.size());
        }
    }

    /**
     * Reads a file in the form of the CoNLL shared tasks: a line per token, the token in the first column and the tag in the
     * last, an empty line after every sentence. Columns stand between tabs, or between spaces if the first line has no tab;
     * lines that begin documents ({@code -DOCSTART-}) are skipped.
     *
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException naming the line that has another number of columns than the first, or none but the
     *     token; or if there is no sentence, or the file is too long or no text
     */
    public static List<TaggedSentence> read(Path file) throws IOException {
        return read(TextReader.of(file, null, 0));
    }

    /** Reads a stream, which {@code source} names in messages; closes it. As {@link #read(Path)} else. */
    public static List<TaggedSentence> read(String source, InputStream stream) throws IOException {
        return read(TextReader.of(source, stream, null, 0));
    }

    private static List<TaggedSentence> read(TextReader text) throws IOException {
        List<TaggedSentence> sentences = new ArrayList<>();
        ConllReader.read(text, 2, (line, tokens, tags) -> sentences.add(new TaggedSentence(tokens, tags)));
        return List.copyOf(sentences);
    }
}
