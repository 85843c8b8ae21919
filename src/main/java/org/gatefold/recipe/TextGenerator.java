package org.gatefold.recipe;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.ArrayList;
import java.util.List;
import org.gatefold.data.text.Vocabulary;
import org.gatefold.decode.Sampling;
import org.gatefold.decode.StreamDecoder;
import org.gatefold.model.Model;
import org.gatefold.recipe.field.text.RunningText;

/**
 * Goes on with a text, token by token, with a trained language model. Never writes {@value Vocabulary#UNKNOWN}.
 *
 * <p>Owns a {@link StreamDecoder}; close it before the model. One thread at a time.
 */
public final class TextGenerator implements AutoCloseable {
    private final RunningText text;
    private final StreamDecoder decoder;
    private final float[] next;
    private int last;
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
        last = token;
    }

    /**
     * Reads a text, which begins a line at first.
     *
     * @return what in it the model does not know and reads as {@value Vocabulary#UNKNOWN}, in the order of the text
     */
    public List<String> read(String prompt) {
        List<String> unknown = new ArrayList<>();
        for (int token : text.ids(prompt, unknown)) {
            read(token);
        }
        return unknown;
    }

    /**
     * Draws the next token and reads it.
     *
     * @return what it adds to the text, with the blank before a word
     */
    public String next(Sampling sampling) {
        next[0] = Float.NEGATIVE_INFINITY;
        int before = last;
        read(sampling.draw(next, draws++));
        return text.added(before, last);
    }

    /** Closes the decoder. */
    @Override
    public void close() {
        decoder.close();
    }
}
