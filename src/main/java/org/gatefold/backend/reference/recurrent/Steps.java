package org.gatefold.backend.reference.recurrent;

import java.nio.FloatBuffer;
import org.gatefold.backend.reference.math.DropoutMask;
import org.gatefold.backend.reference.math.Floats;
import org.gatefold.tensor.Tensor;

/**
 * A tensor {@code [steps, batch, width]} of which single steps of chosen rows are gathered into dense matrices and
 * scattered back. One thread at a time.
 */
final class Steps {
    private final FloatBuffer values;
    private final int batch;
    private final int width;
    private final float[] row;

    Steps(Tensor tensor) {
        this.values = Floats.of(tensor);
        this.batch = tensor.shape().dim(1);
        this.width = tensor.shape().dim(2);
        this.row = new float[width];
    }

    /** Copies columns {@code column} to {@code column + count} of row {@code from} at a step to {@code target[at]}. */
    void get(int step, int from, int column, int count, double[] target, int at) {
        values.get(index(step, from) + column, row, 0, count);
        for (int j = 0; j < count; j++) {
            target[at + j] = row[j];
        }
    }

    /** As {@link #get}, with the dropout mask of these elements. */
    void getMasked(int step, int from, double[] target, int at, DropoutMask mask, float p, long seed, int stream) {
        int first = index(step, from);
        values.get(first, row, 0, width);
        mask.apply(p, seed, stream, first, row, 0, width);
        for (int j = 0; j < width; j++) {
            target[at + j] = row[j];
        }
    }

    /** Writes columns, rounding to floats. */
    void put(int step, int to, int column, int count, double[] source, int at) {
        for (int j = 0; j < count; j++) {
            row[j] = (float) source[at + j];
        }
        values.put(index(step, to) + column, row, 0, count);
    }

    /** Adds to columns. */
    void add(int step, int to, int count, double[] source, int at) {
        int first = index(step, to);
        values.get(first, row, 0, count);
        for (int j = 0; j < count; j++) {
            row[j] += (float) source[at + j];
        }
        values.put(first, row, 0, count);
    }

    /** Copies a whole row out. */
    void get(int step, int from, float[] target, int at) {
        values.get(index(step, from), target, at, width);
    }

    /** Copies a whole row in. */
    void put(int step, int to, float[] source, int at) {
        values.put(index(step, to), source, at, width);
    }

    /** Multiplies a row with its dropout mask. */
    void mask(int step, int at, DropoutMask mask, float p, long seed, int stream) {
        int first = index(step, at);
        values.get(first, row, 0, width);
        mask.apply(p, seed, stream, first, row, 0, width);
        values.put(first, row, 0, width);
    }

    private int index(int step, int at) {
        return (step * batch + at) * width;
    }
}
