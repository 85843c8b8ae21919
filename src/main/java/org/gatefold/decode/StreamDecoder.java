package org.gatefold.decode;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.Arrays;
import org.gatefold.model.Model;
import org.gatefold.model.ModelStream;
import org.gatefold.op.Arguments;

/**
 * A plain language model step by step: one that takes ids and gives for each step the logits of what follows, or logarithms of their
 * probabilities, as an embedding, recurrent layers and a linear one do.
 *
 * <p>Owns {@link ModelStream}s of the model, which keep the states on its device. Close it before the model. One thread at a time.
 */
public final class StreamDecoder implements StepDecoder, AutoCloseable {
    private final Model model;
    private final int sources;
    private final int vocabulary;
    private ModelStream stream;
    private boolean begun;

    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the field is closed by close()
    private StreamDecoder(Model model, int sources, int vocabulary) {
        this.model = model;
        this.sources = sources;
        this.vocabulary = vocabulary;
        this.stream = model.stream(sources);
    }

    /**
     * A decoder that begins with the states that sequences start from.
     *
     * @param sources how many sequences are looked for at once
     * @throws IllegalArgumentException if a layer needs later steps, or all earlier ones
     * @throws IllegalStateException if the model has not one input and one output
     */
    @MustBeClosed
    public static StreamDecoder of(Model model, int sources) {
        Arguments.requireAtLeast("sources", 1, sources);
        return new StreamDecoder(model, sources, Math.toIntExact(model.output().size()));
    }

    @Override
    public int sources() {
        return sources;
    }

    @Override
    public int vocabulary() {
        return vocabulary;
    }

    /**
     * Reads what comes before anything is written, a token in every source.
     *
     * @param tokens one for each source
     */
    public void read(int... tokens) {
        step(identity(sources), tokens, new float[Math.multiplyExact(sources, vocabulary)]);
        begun = false;
    }

    @Override
    @SuppressWarnings("MustBeClosedChecker") // the field is closed by close()
    public void step(int[] from, int[] tokens, float[] logProbabilities) {
        int rows = tokens.length;
        if (from.length != rows) {
            throw new IllegalArgumentException("from: expected " + rows + " rows, as of tokens, got " + from.length);
        }
        if (rows == 0 || rows % sources != 0 || (!begun && rows != sources)) {
            throw new IllegalArgumentException("tokens: expected "
                    + (begun ? "as many rows for each of " : "one for each of ") + sources + " sources, got " + rows);
        }
        if (rows != stream.rows()) {
            ModelStream before = stream;
            ModelStream wider = model.stream(rows);
            try {
                wider.goOnFrom(before, from);
            } catch (RuntimeException e) {
                wider.close();
                throw e;
            }
            stream = wider;
            before.close();
        } else if (!Arrays.equals(from, identity(rows))) {
            stream.goOnFrom(stream, from);
        }
        int count = Math.multiplyExact(rows, vocabulary);
        float[] outputs = logProbabilities.length == count ? logProbabilities : new float[count];
        stream.step(tokens, outputs);
        for (int row = 0; row < rows; row++) {
            normalize(outputs, row * vocabulary, vocabulary);
        }
        if (outputs != logProbabilities) {
            System.arraycopy(outputs, 0, logProbabilities, 0, count);
        }
        begun = true;
    }

    private static int[] identity(int rows) {
        int[] identity = new int[rows];
        Arrays.setAll(identity, i -> i);
        return identity;
    }

    /** The logarithm of the softmax, which leaves logarithms of probabilities what they are. */
    private static void normalize(float[] logits, int at, int count) {
        float largest = Float.NEGATIVE_INFINITY;
        for (int i = at; i < at + count; i++) {
            largest = Math.max(largest, logits[i]);
        }
        double sum = 0;
        for (int i = at; i < at + count; i++) {
            sum += Math.exp(logits[i] - largest);
        }
        double norm = largest + Math.log(sum);
        for (int i = at; i < at + count; i++) {
            logits[i] = (float) (logits[i] - norm);
        }
    }

    /** Frees the states. */
    @Override
    public void close() {
        stream.close();
    }
}
