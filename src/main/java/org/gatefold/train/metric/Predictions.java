package org.gatefold.train.metric;

import org.gatefold.data.Batch;

/**
 * A batch's outputs beside its targets, on the host, row by row; what metrics look at.
 *
 * <p>Reused from batch to batch: valid only during the call that hands it over. One thread at a time.
 */
public final class Predictions {
    private float[] outputs = {};
    private int size;
    private Batch batch;

    /** F, the values or classes of a row. */
    public int size() {
        return size;
    }

    /** N, the number of target rows, padding among them. */
    public int rows() {
        return batch.targetRows();
    }

    /** How much row {@code n} counts; 0 for padding. */
    public float weight(int n) {
        return batch.weight(n);
    }

    /** Output {@code i} of row {@code n}. */
    public float output(int n, int i) {
        return outputs[n * size + i];
    }

    /** Target {@code i} of row {@code n}. */
    public float target(int n, int i) {
        return batch.target(n, i);
    }

    /** Label of row {@code n}. */
    public int label(int n) {
        return batch.label(n);
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

    /** True if the batch has numeric targets. */
    public boolean hasTargets() {
        return batch.hasTargets();
    }

    /** True if the batch has labels. */
    public boolean hasLabels() {
        return batch.hasLabels();
    }

    /** A buffer for {@code rows * size} outputs, to be filled before {@link #set}. */
    public float[] buffer(int count) {
        if (outputs.length < count) {
            outputs = new float[count];
        }
        return outputs;
    }

    public void set(Batch targets, int width) {
        batch = targets;
        size = width;
    }
}
