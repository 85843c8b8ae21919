package org.gatefold.recipe;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.List;
import org.gatefold.data.text.Tokenizer;
import org.gatefold.data.text.Vocabulary;
import org.gatefold.decode.Sampling;
import org.gatefold.decode.StreamDecoder;
import org.gatefold.model.Model;
import org.gatefold.recipe.field.RunningText;

/**
 * Goes on with a text, token by token, with a trained language model. Never writes {@value Vocabulary#UNKNOWN}.
 *
 * <p>Owns a {@link StreamDecoder}; close it before the model. One thread at a time.
 */
public final class TextGenerator implements AutoCloseable {
    private static final char LINE_FEED = '\n';

    private final RunningText text;
    private final StreamDecoder decoder;
    private final float[] next;
    private boolean glued = true;
    private long draws;

    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the field is closed by close()
    TextGenerator(Model model, RunningText text) {
        this.text = text;
        this.decoder = StreamDecoder.of(model, 1);
        this.next = new float[decoder.vocabulary()];
        read(text.end());
    }

    private void read(int token) {
        decoder.step(new int[1], new int[] {token}, next);
    }

    /**
     * Reads a text, which begins a line at first.
     *
     * @return what in it the model does not know and reads as {@value Vocabulary#UNKNOWN}, in the order of the text
     */
    public List<String> read(String prompt) {
        Vocabulary vocabulary = text.vocabulary();
        List<String> tokens = text.tokensOf(prompt);
        tokens.forEach(token -> read(vocabulary.id(token)));
        if (!prompt.isEmpty()) {
            glued = Character.isWhitespace(prompt.charAt(prompt.length() - 1));
        }
        return tokens.stream()
                .filter(token -> vocabulary.id(token) == 0 && !token.equals(Vocabulary.UNKNOWN))
                .toList();
    }

    /**
     * Draws the next token and reads it.
     *
     * @return what it adds to the text, with the blank before a word
     */
    public String next(Sampling sampling) {
        next[0] = Float.NEGATIVE_INFINITY;
        int token = sampling.draw(next, draws++);
        read(token);
        boolean ended = token == text.end();
        String blank = glued || ended || text.tokenizer() == Tokenizer.CHARACTERS ? "" : " ";
        glued = ended;
        return ended ? String.valueOf(LINE_FEED) : blank + text.vocabulary().token(token);
    }

    /** Closes the decoder. */
    @Override
    public void close() {
        decoder.close();
    }
}
