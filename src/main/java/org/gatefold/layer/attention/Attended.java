package org.gatefold.layer.attention;

import java.util.Arrays;
import org.gatefold.autograd.Variable;
import org.gatefold.tensor.Tensor;

/** What queries got from a memory, and how much they attended to each of its steps. Valid during the step that it was made in. */
public final class Attended {
    private final Variable output;
    private final Tensor weights;

    /** @param weights a row of S for each query, {@code [B, 1, T, S]} */
    Attended(Variable output, Tensor weights) {
        this.output = output;
        this.weights = weights;
    }

    /** {@code [T, B, F]}, with the steps and lengths of the queries. */
    public Variable output() {
        return output;
    }

    /** The weights on the heap, {@code [T][B][S]}: of each query's, those within the length of its source sum to 1, the others are 0. */
    public float[][][] weights() {
        int queries = output.shape().dim(0);
        int batch = output.shape().dim(1);
        int keys = weights.shape().last();
        float[] flat = weights.toFloats();
        float[][][] of = new float[queries][batch][];
        for (int t = 0; t < queries; t++) {
            for (int b = 0; b < batch; b++) {
                int row = b * queries + t;
                of[t][b] = Arrays.copyOfRange(flat, row * keys, (row + 1) * keys);
            }
        }
        return of;
    }
}
