package org.gatefold.layer.output;

import java.util.Arrays;
import org.gatefold.tensor.Tensor;

/** The labels of a step on the host, and by what each counts, in arrays that are kept. One thread at a time. */
final class CountedLabels {
    private final String layer;
    private final int vocabulary;
    private int[] labels = {};
    private float[] weights = {};
    private int rows;
    private int ignored;
    private double weight;

    CountedLabels(String layer, int vocabulary) {
        this.layer = layer;
        this.vocabulary = vocabulary;
    }

    /**
     * Reads a step's labels.
     *
     * @param of I32 {@code [N]}
     * @param by {@code [N]}; null for 1
     * @throws IllegalArgumentException if a label that counts is none of the vocabulary
     */
    void read(Tensor of, Tensor by, int ignore) {
        rows = of.shape().dim(0);
        ignored = ignore;
        if (labels.length < rows) {
            labels = new int[rows];
            weights = new float[rows];
        }
        of.read(0, labels, 0, rows);
        if (by == null) {
            Arrays.fill(weights, 0, rows, 1f);
        } else {
            by.read(0, weights, 0, rows);
        }
        weight = 0;
        for (int n = 0; n < rows; n++) {
            if (counts(n)) {
                if (labels[n] < 0 || labels[n] >= vocabulary) {
                    throw new IllegalArgumentException("layer '" + layer + "': expected labels of 0 to "
                            + (vocabulary - 1) + ", got " + labels[n] + " in row " + n + " of the batch's targets");
                }
                weight += weights[n];
            }
        }
    }

    int rows() {
        return rows;
    }

    boolean counts(int row) {
        return weights[row] != 0f && labels[row] != ignored;
    }

    int label(int row) {
        return labels[row];
    }

    float weight(int row) {
        return weights[row];
    }

    /** The sum of the weights of rows that count. */
    double weight() {
        return weight;
    }
}
