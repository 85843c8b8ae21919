package org.gatefold.train.metric;

import org.gatefold.autograd.Variable;
import org.gatefold.data.Batch;
import org.gatefold.data.BatchColumn;
import org.gatefold.tensor.Lengths;

/**
 * A batch's outputs beside one of its targets, on the host, row by row; what metrics look at.
 *
 * <p>Reused from batch to batch: valid only during the call that hands it over. One thread at a time.
 */
public final class Predictions {
    private float[] outputs = {};
    private int count;
    private int size;
    private Lengths lengths;
    private BatchColumn target;

    /** F, the values or classes of a row. */
    public int size() {
        return size;
    }

    /** N, the number of target rows, padding among them. */
    public int rows() {
        return target.targetRows();
    }

    /** The rows of the output, in the order of {@code [T, B]} if it is a sequence; for most metrics as many as of the target. */
    public int outputRows() {
        return count / size;
    }

    /** How much row {@code n} counts; 0 for padding. */
    public float weight(int n) {
        return target.weight(n);
    }

    /** Output {@code i} of row {@code n}. */
    public float output(int n, int i) {
        return outputs[n * size + i];
    }

    /** Valid steps of the output's rows; null if it is no sequence, or if all its steps are valid. */
    public Lengths outputLengths() {
        return lengths;
    }

    /** Target {@code i} of row {@code n}. */
    public float target(int n, int i) {
        return target.number(n, i);
    }

    /** Label of row {@code n}. */
    public int label(int n) {
        return target.id(n);
    }

    /** The target, with the lengths of its rows. */
    public BatchColumn target() {
        return target;
    }

    /** The class with the largest output of row {@code n}; the first of equals. */
    public int predictedClass(int n) {
        int best = 0;
        for (int i = 1; i < size; i++) {
            if (output(n, i) > output(n, best)) {
                best = i;
            }
        }
        return best;
    }

    /** True if the target consists of numbers. */
    public boolean hasTargets() {
        return target != null && target.holdsNumbers();
    }

    /** True if the target consists of labels. */
    public boolean hasLabels() {
        return target != null && !target.holdsNumbers();
    }

    /** Checks that numbers are to be predicted, as many as there are outputs in every row. */
    void requireNumbers() {
        if (!hasTargets()) {
            throw new IllegalArgumentException("batch: expected numeric targets for this metric, got none");
        }
        requireRows();
        if (size != target.size()) {
            throw new IllegalArgumentException(
                    "output: expected " + target.size() + " values per row as the targets, got " + size);
        }
    }

    /** Checks that classes are to be predicted, one per row of the output. */
    void requireLabels() {
        if (!hasLabels()) {
            throw new IllegalArgumentException("batch: expected labels for this metric, got none");
        }
        requireRows();
    }

    private void requireRows() {
        if (outputRows() != rows()) {
            throw new IllegalArgumentException(
                    "output: expected " + rows() + " rows as the targets, got " + outputRows());
        }
    }

    /** Takes an output from its device; {@link #compareWith} comes next. */
    public void read(Variable output) {
        count = output.value().arraySize();
        if (outputs.length < count) {
            outputs = new float[count];
        }
        output.value().read(0, outputs, 0, count);
        size = output.shape().last();
        lengths = output.lengths();
    }

    /** Takes outputs {@code [N, F]}, which are not copied; {@link #compareWith} comes next. */
    public void set(float[] values, int width) {
        outputs = values;
        count = values.length;
        size = width;
        lengths = null;
    }

    /**
     * Says what the outputs are to be compared with.
     *
     * @param name of the target; null for the only one
     * @throws IllegalArgumentException if there is no such target, or if there are several to choose from
     */
    public void compareWith(Batch batch, String name) {
        if (name == null && batch.targets().size() > 1) {
            throw new IllegalArgumentException("batch: expected one target for this metric, got "
                    + batch.targets().size() + "; choose with on(output, target)");
        }
        BatchColumn first = batch.targets().isEmpty() ? null : batch.targets().get(0);
        target = name == null ? first : batch.target(name);
        if (hasTargets() && target.form().dimensions().size() > 1) {
            size = target.size();
        }
    }
}
