package org.gatefold.data;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Cuts a table of numbers into windows of input rows, each followed by the target values to forecast.
 *
 * <p>The window at {@code origin} reads rows {@code origin - window} to {@code origin - 1} and is answered by the targets
 * of rows {@code origin} to {@code origin + horizon - 1}. The table is kept once, in single precision, however much its
 * windows overlap. Immutable and thread-safe.
 */
public final class Windows {
    private final Column rows;
    private final Column target;
    private final int count;
    private final int window;
    private final int horizon;

    /**
     * @param rows {@code [row][feature]}, what the model reads
     * @param target one value per row, what the model forecasts
     * @param window rows read, at least 1
     * @param horizon rows forecast, at least 1
     */
    public Windows(double[][] rows, double[] target, int window, int horizon) {
        if (rows.length != target.length) {
            throw new IllegalArgumentException("target: expected " + rows.length + " values, got " + target.length);
        }
        requirePositive("window", window);
        requirePositive("horizon", horizon);
        this.rows = Column.series(Dataset.INPUT, "rows", singles(rows));
        this.target = Column.numbers(Dataset.TARGET, new float[][] {singles(target)});
        this.count = rows.length;
        this.window = window;
        this.horizon = horizon;
    }

    private static float[][] singles(double[][] rows) {
        float[][] singles = new float[rows.length][];
        for (int row = 0; row < rows.length; row++) {
            singles[row] = singles(rows[row]);
        }
        return singles;
    }

    private static float[] singles(double... values) {
        float[] singles = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            singles[i] = (float) values[i];
        }
        return singles;
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
        return rows.form().features();
    }

    /**
     * The origins whose targets all lie in rows {@code from} to {@code to - 1}. The rows read may lie before {@code from}:
     * they are the known past.
     */
    public int[] origins(int from, int to) {
        if (from < 0 || to > count || from > to) {
            throw new IllegalArgumentException(
                    "range: expected a part of " + count + " rows, got " + from + " to " + to);
        }
        return IntStream.rangeClosed(Math.max(from, window), to - horizon).toArray();
    }

    /** The rows read at {@code origin}, row after row: {@code window * features} numbers. */
    public float[] inputs(int origin) {
        requireInputs(origin);
        return Arrays.copyOfRange(rows.numbers(0), (origin - window) * features(), origin * features());
    }

    /** The windows read at the origins, one row each, sharing the memory of the table; named {@value Dataset#INPUT}. */
    public Column inputColumn(int... origins) {
        int[] starts = new int[origins.length];
        for (int i = 0; i < origins.length; i++) {
            requireInputs(origins[i]);
            starts[i] = origins[i] - window;
        }
        return rows.windows(window, starts);
    }

    private void requireInputs(int origin) {
        if (origin < window || origin > count) {
            throw new IllegalArgumentException("origin: expected " + window + " to " + count + ", got " + origin);
        }
    }

    /** The targets after {@code origin}: {@code horizon} numbers. */
    public float[] targets(int origin) {
        requireTargets(origin);
        return Arrays.copyOfRange(target.numbers(0), origin, origin + horizon);
    }

    /** The targets after the origins, one row each, sharing the memory of the table; named {@value Dataset#TARGET}. */
    public Column targetColumn(int... origins) {
        for (int origin : origins) {
            requireTargets(origin);
        }
        return target.windows(horizon, origins).flat(horizon);
    }

    private void requireTargets(int origin) {
        if (origin < 0 || origin > count - horizon) {
            throw new IllegalArgumentException("origin: expected 0 to " + (count - horizon) + ", got " + origin);
        }
    }
}
