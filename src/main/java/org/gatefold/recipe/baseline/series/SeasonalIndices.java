package org.gatefold.recipe.baseline.series;

import java.util.Arrays;

/**
 * How many times the level a series is at each place of its season: classical decomposition by a centred moving average, where a
 * test at 90 % finds a season in a positive series of at least three periods; the rule of the M4 competition (Makridakis et al. 2020).
 * Immutable as long as nobody writes the values.
 *
 * @param values of each place, with a mean of 1; a single 1 without a season. Row {@code i} has place {@code i} modulo their number
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record SeasonalIndices(double... values) {
    /** The point of the normal distribution for 90 %, two-sided. */
    private static final double POINT = 1.645;

    private static final SeasonalIndices NONE = new SeasonalIndices(1);

    public SeasonalIndices {
        if (values.length == 0 || Arrays.stream(values).anyMatch(value -> !(value > 0))) {
            throw new IllegalArgumentException("indices: expected positive numbers, got " + Arrays.toString(values));
        }
    }

    /**
     * The indices of {@code series[0]} to {@code series[to - 1]}.
     *
     * @param period rows in a season; 1 for none
     */
    public static SeasonalIndices fit(double[] series, int to, int period) {
        double[] known = Arrays.copyOf(series, to);
        if (period < 2
                || to < 3 * period
                || Arrays.stream(known).anyMatch(value -> value <= 0)
                || !isSeasonal(known, period)) {
            return NONE;
        }
        double[] sums = new double[period];
        int[] counts = new int[period];
        for (int row = period / 2; row < to - period / 2; row++) {
            double level = 0;
            for (int i = -(period / 2); i <= period / 2; i++) {
                boolean half = period % 2 == 0 && Math.abs(i) == period / 2;
                level += known[row + i] / period * (half ? 0.5 : 1);
            }
            sums[row % period] += known[row] / level;
            counts[row % period]++;
        }
        double mean = 0;
        for (int place = 0; place < period; place++) {
            sums[place] /= counts[place];
            mean += sums[place] / period;
        }
        double scale = mean;
        return new SeasonalIndices(Arrays.stream(sums).map(sum -> sum / scale).toArray());
    }

    private static boolean isSeasonal(double[] series, int period) {
        double mean = Arrays.stream(series).average().orElseThrow();
        double variance = Arrays.stream(series)
                .map(value -> (value - mean) * (value - mean))
                .sum();
        double squares = 0;
        double last = 0;
        for (int lag = 1; lag <= period; lag++) {
            squares += last * last;
            last = 0;
            for (int i = lag; i < series.length; i++) {
                last += (series[i] - mean) * (series[i - lag] - mean) / variance;
            }
        }
        return Math.abs(last) > POINT * Math.sqrt((1 + 2 * squares) / series.length);
    }

    /** The index of a row of the series. */
    public double of(int row) {
        return values[row % values.length];
    }

    /** A series divided by its indices. */
    double[] adjusted(double[] series, int to) {
        double[] adjusted = new double[to];
        Arrays.setAll(adjusted, row -> series[row] / of(row));
        return adjusted;
    }
}
