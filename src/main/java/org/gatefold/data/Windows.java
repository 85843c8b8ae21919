package org.gatefold.data;

import java.util.stream.IntStream;

/**
 * Cuts a table of numbers into windows of input rows, each followed by the target values to forecast.
 *
 * <p>The window at {@code origin} reads rows {@code origin - window} to {@code origin - 1} and is answered by the targets
 * of rows {@code origin} to {@code origin + horizon - 1}. Immutable and thread-safe as long as nobody writes the arrays
 * that it was made from.
 */
public final class Windows {
    private final double[][] rows;
    private final double[] target;
    private final int window;
    private final int horizon;

    /**
     * @param rows {@code [row][feature]}, what the model reads; not copied
     * @param target one value per row, what the model forecasts; not copied
     * @param window rows read, at least 1
     * @param horizon rows forecast, at least 1
     */
    public Windows(double[][] rows, double[] target, int window, int horizon) {
        if (rows.length != target.length) {
            throw new IllegalArgumentException("target: expected " + rows.length + " values, got " + target.length);
        }
        requirePositive("window", window);
        requirePositive("horizon", horizon);
        this.rows = rows;
        this.target = target;
        this.window = window;
        this.horizon = horizon;
    }

    private static void requirePositive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": expected at least 1, got " + value);
        }
    }

    public int window() {
        return window;
    }

    public int horizon() {
        return horizon;
    }

    /** Numbers in a row. */
    public int features() {
        return rows.length == 0 ? 0 : rows[0].length;
    }

    /**
     * The origins whose targets all lie in rows {@code from} to {@code to - 1}. The rows read may lie before {@code from}:
     * they are the known past.
     */
    public int[] origins(int from, int to) {
        if (from < 0 || to > rows.length || from > to) {
            throw new IllegalArgumentException(
                    "range: expected a part of " + rows.length + " rows, got " + from + " to " + to);
        }
        return IntStream.rangeClosed(Math.max(from, window), to - horizon).toArray();
    }

    /** The rows read at {@code origin}, row after row: {@code window * features} numbers. */
    public float[] inputs(int origin) {
        if (origin < window || origin > rows.length) {
            throw new IllegalArgumentException("origin: expected " + window + " to " + rows.length + ", got " + origin);
        }
        int features = features();
        float[] inputs = new float[window * features];
        for (int step = 0; step < window; step++) {
            double[] row = rows[origin - window + step];
            for (int feature = 0; feature < features; feature++) {
                inputs[step * features + feature] = (float) row[feature];
            }
        }
        return inputs;
    }

    /** The targets after {@code origin}: {@code horizon} numbers. */
    public float[] targets(int origin) {
        if (origin < 0 || origin > target.length - horizon) {
            throw new IllegalArgumentException(
                    "origin: expected 0 to " + (target.length - horizon) + ", got " + origin);
        }
        float[] targets = new float[horizon];
        for (int step = 0; step < horizon; step++) {
            targets[step] = (float) target[origin + step];
        }
        return targets;
    }
}
