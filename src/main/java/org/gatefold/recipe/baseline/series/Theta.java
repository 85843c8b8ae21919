package org.gatefold.recipe.baseline.series;

import java.util.Arrays;
import java.util.Locale;

/**
 * The Theta method (Assimakopoulos and Nikolopoulos 2000), the mean of a straight line and of exponential smoothing of twice the series
 * less that line, in the form of Hyndman and Billah (2003): exponential smoothing with half the slope as drift,
 * {@code l + b / 2 (k - 1 + (1 - (1 - α)ⁿ) / α)} for k steps behind n rows. The season is divided out first.
 *
 * <p>Immutable and thread-safe.
 *
 * @param indices of the season
 * @param alpha share of an error that the level takes, above 0 and at most 1
 * @param slope of the straight line
 */
public record Theta(SeasonalIndices indices, double alpha, double slope) implements OnePassBaseline {
    /** Rows that tell a slope. */
    public static final int FEWEST = 4;

    private static final double LEAST_ALPHA = 0.01;

    private static final double SMALLEST_STEP = 0.001;

    public Theta {
        if (!(alpha > 0 && alpha <= 1) || !Double.isFinite(slope)) {
            throw new IllegalArgumentException(
                    "alpha, slope: expected above 0 to 1 and a number, got " + alpha + ", " + slope);
        }
    }

    /**
     * Fits {@code series[0]} to {@code series[to - 1]}: the line by least squares, the share by the squares of forecasts of the next row.
     *
     * @param to at least {@link #FEWEST}
     * @param period rows in a season; 1 for none
     */
    public static Theta fit(double[] series, int to, int period) {
        if (to > series.length || to < FEWEST) {
            throw new IllegalArgumentException("rows: expected " + FEWEST + " to " + series.length + ", got " + to);
        }
        SeasonalIndices indices = SeasonalIndices.fit(series, to, period);
        double[] adjusted = indices.adjusted(series, to);
        double best = 0.5;
        double least = squares(adjusted, best);
        for (double step = 0.25; step >= SMALLEST_STEP; step /= 2) {
            for (int sign = -1; sign <= 1; sign += 2) {
                double next = Math.max(LEAST_ALPHA, Math.min(1, best + sign * step));
                double squares = squares(adjusted, next);
                if (squares < least) {
                    least = squares;
                    best = next;
                    break;
                }
            }
        }
        return new Theta(indices, best, slope(adjusted));
    }

    private static double squares(double[] series, double alpha) {
        double level = series[0];
        double squares = 0;
        for (int row = 1; row < series.length; row++) {
            double error = series[row] - level;
            squares += error * error;
            level += alpha * error;
        }
        return squares;
    }

    private static double slope(double... series) {
        double middle = (series.length - 1) / 2.0;
        double products = 0;
        double squares = 0;
        for (int row = 0; row < series.length; row++) {
            products += (row - middle) * series[row];
            squares += (row - middle) * (row - middle);
        }
        return products / squares;
    }

    @Override
    public String name() {
        return "theta";
    }

    @Override
    public String detail() {
        int period = indices.values().length;
        return String.format(Locale.ROOT, "alpha %.2f", alpha) + (period == 1 ? "" : " period " + period);
    }

    /** One pass over the series, whatever the number of origins. */
    @Override
    public double[][] forecasts(double[] series, int[] origins, int horizon) {
        int last = Arrays.stream(origins).max().orElse(0);
        double[] levels = new double[last + 1];
        for (int row = 0; row < last; row++) {
            double value = series[row] / indices.of(row);
            levels[row + 1] = row == 0 ? value : levels[row] + alpha * (value - levels[row]);
        }
        double[][] forecasts = new double[origins.length][horizon];
        for (int i = 0; i < origins.length; i++) {
            double lag = (1 - Math.pow(1 - alpha, origins[i])) / alpha;
            for (int step = 0; step < horizon; step++) {
                forecasts[i][step] = (levels[origins[i]] + slope / 2 * (step + lag)) * indices.of(origins[i] + step);
            }
        }
        return forecasts;
    }
}
