package org.gatefold.model;

import com.google.errorprone.annotations.MustBeClosed;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;

/**
 * Runs inference on a model: with plans and memory of its own, so that every thread can have one while all share the
 * weights.
 *
 * <p>Owns its context; close it before the model's device. One thread at a time.
 */
public final class Predictor implements AutoCloseable {
    private final Model model;
    private final Context context;
    private long calls;

    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the field is closed by close()
    Predictor(Model model) {
        this.model = model;
        this.context = Context.inference(model.device());
    }

    /**
     * Predicts one row of numbers for each sequence.
     *
     * @param sequences {@code [B][T][features]}; rows may be of unequal length
     * @return {@code [B][outputs]}
     */
    public float[][] predict(float[][][] sequences) {
        return predict(sequences, null);
    }

    /**
     * Predicts one row of numbers for each padded sequence.
     *
     * @param sequences {@code [B][T][features]}
     * @param lengths valid steps of each row; null means all that it has
     * @return {@code [B][outputs]}
     */
    public float[][] predict(float[][][] sequences, int[] lengths) {
        requireOutput(false, "predictSequences");
        return BatchFirst.read(forward(sequences, lengths).value());
    }

    /**
     * Predicts for every step of each sequence.
     *
     * @param sequences {@code [B][T][features]}; rows may be of unequal length
     * @param lengths valid steps of each row; null means all that it has
     * @return {@code [B][T][outputs]}, every row cut to its length
     */
    public float[][][] predictSequences(float[][][] sequences, int[] lengths) {
        requireOutput(true, "predict");
        Variable y = forward(sequences, lengths);
        return BatchFirst.readSequences(y.value(), y.lengths());
    }

    /**
     * Predicts from single rows, with a model that takes those.
     *
     * @param rows {@code [B][features]}
     * @return {@code [B][outputs]}
     */
    public float[][] predictRows(float[][] rows) {
        requireOutput(false, "predictSequences");
        context.begin(calls++);
        return BatchFirst.read(
                model.forward(context, BatchFirst.rows(context, rows)).value());
    }

    private Variable forward(float[][][] sequences, int[] lengths) {
        context.begin(calls++);
        return model.forward(context, BatchFirst.sequences(context, sequences, lengths));
    }

    private void requireOutput(boolean sequence, String other) {
        if (model.output().sequence() != sequence) {
            throw new IllegalStateException("predict: the model gives " + model.output() + "; use " + other);
        }
    }

    /** The context, for whoever wants to run the model on tensors. */
    public Context context() {
        return context;
    }

    /** Forgets the states that stateful layers carry from call to call. */
    public void clearStates() {
        context.clearCarriedStates();
    }

    /** Frees plans and memory. */
    @Override
    public void close() {
        context.close();
    }
}
