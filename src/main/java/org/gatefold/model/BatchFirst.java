package org.gatefold.model;

import java.util.Arrays;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.op.sequence.SequenceOp;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * The edge between batch-first data, as users have it, and the time-major tensors inside. Stateless.
 */
public final class BatchFirst {
    /** What fits an array of a JVM. */
    private static final long MOST_NUMBERS = Integer.MAX_VALUE - 8L;

    private BatchFirst() {}

    /**
     * Sequences as a time-major variable without a gradient; shorter rows are padded with zeros.
     *
     * @param rows {@code [B][T][F]}; rows may be of unequal length, and empty
     * @param lengths valid steps of each row; null means all that it has
     */
    public static Variable sequences(Context context, float[][][] rows, int[] lengths) {
        requireLengths(rows, lengths);
        return sequences(context, rows, lengths, 0, rows.length);
    }

    /** As {@link #sequences(Context, float[][][], int[])}, for rows {@code from} to {@code to - 1}. */
    static Variable sequences(Context context, float[][][] rows, int[] lengths, int from, int to) {
        int batch = requireRows(to - from);
        int steps = 1;
        for (int row = from; row < to; row++) {
            requireArray("rows[" + row + "]", rows[row]);
            steps = Math.max(steps, rows[row].length);
        }
        int features = Arrays.stream(rows)
                .filter(row -> row != null && row.length > 0 && row[0] != null)
                .mapToInt(row -> row[0].length)
                .findFirst()
                .orElse(0);
        if (features == 0) {
            throw new IllegalArgumentException("rows: expected at least one step with features, got none");
        }
        int[] valid = new int[batch];
        boolean padded = false;
        float[] flat = new float[count(steps, batch, features)];
        for (int b = 0; b < batch; b++) {
            int row = from + b;
            valid[b] = lengths == null ? rows[row].length : lengths[row];
            if (valid[b] < 0 || valid[b] > rows[row].length) {
                throw new IllegalArgumentException("lengths[" + row + "]: expected 0 to " + rows[row].length
                        + " (the steps of the row), got " + valid[b]);
            }
            padded |= valid[b] < steps;
            for (int t = 0; t < valid[b]; t++) {
                requireFeatures("rows[" + row + "][" + t + "]", features, rows[row][t]);
                System.arraycopy(rows[row][t], 0, flat, (t * batch + b) * features, features);
            }
        }
        Tensor x = context.scope().f32("x", steps, batch, features);
        x.write(flat);
        return Variable.constant(x, padded ? context.scope().lengths(steps, valid) : null);
    }

    /**
     * Rows as a variable without a gradient.
     *
     * @param rows {@code [B][F]}
     */
    public static Variable rows(Context context, float[][] rows) {
        int batch = requireRows(rows.length);
        requireArray("rows[0]", rows[0]);
        int features = rows[0].length;
        float[] flat = new float[count(1, batch, features)];
        for (int row = 0; row < batch; row++) {
            requireFeatures("rows[" + row + "]", features, rows[row]);
            System.arraycopy(rows[row], 0, flat, row * features, features);
        }
        Tensor x = context.scope().f32("x", batch, features);
        x.write(flat);
        return Variable.constant(x);
    }

    /**
     * A batch-first tensor as a time-major variable without a gradient, transposed on the device.
     *
     * @param x {@code [B, T, F]}, read
     * @param lengths valid steps of each row; null means T for all
     */
    public static Variable transpose(Context context, Tensor x, Lengths lengths) {
        Shape.requireRank("x", x.shape(), 3, "[B, T, features]");
        Tensor timeMajor = context.scope()
                .f32("x", x.shape().dim(1), x.shape().dim(0), x.shape().dim(2));
        context.op(SequenceOp.class).transpose(x, timeMajor);
        return Variable.constant(timeMajor, lengths);
    }

    /** Reads rows {@code [B, F]} into arrays {@code [B][F]}. */
    public static float[][] read(Tensor rows) {
        Shape.requireRank("rows", rows.shape(), 2, "[B, features]");
        int features = rows.shape().last();
        float[] flat = rows.toFloats();
        float[][] read = new float[rows.shape().dim(0)][];
        for (int row = 0; row < read.length; row++) {
            read[row] = Arrays.copyOfRange(flat, row * features, (row + 1) * features);
        }
        return read;
    }

    /**
     * Reads time-major sequences {@code [T, B, F]} into arrays {@code [B][T][F]}.
     *
     * @param lengths if given, every row is cut to its length
     */
    public static float[][][] readSequences(Tensor sequences, Lengths lengths) {
        Shape.requireRank("sequences", sequences.shape(), 3, "[T, B, features]");
        int steps = sequences.shape().dim(0);
        int batch = sequences.shape().dim(1);
        int features = sequences.shape().dim(2);
        float[] flat = sequences.toFloats();
        float[][][] read = new float[batch][][];
        for (int row = 0; row < batch; row++) {
            read[row] = new float[lengths == null ? steps : lengths.of(row)][];
            for (int t = 0; t < read[row].length; t++) {
                int from = (t * batch + row) * features;
                read[row][t] = Arrays.copyOfRange(flat, from, from + features);
            }
        }
        return read;
    }

    static void requireLengths(float[][][] rows, int[] lengths) {
        if (lengths != null && lengths.length != rows.length) {
            throw new IllegalArgumentException(
                    "lengths: expected " + rows.length + " (one per row), got " + lengths.length);
        }
    }

    private static int requireRows(int count) {
        if (count == 0) {
            throw new IllegalArgumentException("rows: expected at least one row, got none");
        }
        return count;
    }

    private static int count(int steps, int batch, int features) {
        long count = (long) steps * batch;
        if (count > MOST_NUMBERS || count * features > MOST_NUMBERS) {
            throw new IllegalArgumentException("rows: expected at most " + MOST_NUMBERS + " numbers at a time, got "
                    + batch + " rows of " + steps + " steps of " + features + " features");
        }
        return Math.toIntExact(count * features);
    }

    private static void requireArray(String argument, Object array) {
        if (array == null) {
            throw new IllegalArgumentException(argument + ": expected an array, got null");
        }
    }

    private static void requireFeatures(String argument, int expected, float[] actual) {
        requireArray(argument, actual);
        if (actual.length != expected) {
            throw new IllegalArgumentException(argument + ": expected " + expected + " features, got " + actual.length);
        }
    }
}
