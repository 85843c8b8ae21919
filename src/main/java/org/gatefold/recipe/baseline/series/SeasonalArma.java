package org.gatefold.recipe.baseline.series;

import java.util.Arrays;
import java.util.Locale;

/**
 * An autoregression of one row with moving averages of the row and of the season before (Box and Jenkins 1970): with {@code w} the series
 * less its mean and errors {@code e}, {@code w_t = φ w_{t-1} + e_t + θ e_{t-1} + Θ e_{t-s} + θ Θ e_{t-s-1}}. Of changes against the season and
 * the row before, with φ = 0, it is the airline model. Errors before the first row are 0.
 *
 * <p>Immutable and thread-safe.
 *
 * @param period rows in a season, s, at least 2; 1 for none
 * @param mean of the series
 * @param phi weight of the row before, above -1 and below 1
 * @param theta weight of the error before, above -1 and below 1
 * @param seasonal weight of the error a season before, Θ, above -1 and below 1
 */
public record SeasonalArma(int period, double mean, double phi, double theta, double seasonal)
        implements OnePassBaseline {
    /** Rows without which it cannot be fitted, besides a season. */
    public static final int FEWEST = 6;

    /** The largest weight that is found. */
    private static final double MOST = 0.95;

    public SeasonalArma {
        if (period < 1) {
            throw new IllegalArgumentException("period: expected at least 1, got " + period);
        }
        for (double weight : new double[] {phi, theta, seasonal}) {
            if (!(weight > -1 && weight < 1)) {
                throw new IllegalArgumentException("phi, theta, seasonal: expected above -1 and below 1, got " + phi
                        + ", " + theta + ", " + seasonal);
            }
        }
    }

    /**
     * The weights whose forecasts of the next row, over {@code series[0]} to {@code series[to - 1]}, have the smallest squares
     * (conditional least squares).
     *
     * @param to at least {@link #FEWEST} and a season
     * @param period rows in a season; 1 for none
     * @param centred whether the mean is taken away; 0 otherwise
     * @param autoregressive whether φ is found; 0 otherwise
     */
    public static SeasonalArma fit(double[] series, int to, int period, boolean centred, boolean autoregressive) {
        if (to > series.length || to < FEWEST + period) {
            throw new IllegalArgumentException(
                    "rows: expected " + (FEWEST + period) + " to " + series.length + ", got " + to);
        }
        double mean = centred ? Arrays.stream(series, 0, to).average().orElseThrow() : 0;
        double[] most = {autoregressive ? MOST : 0, MOST, period == 1 ? 0 : MOST};
        double[] least = Arrays.stream(most).map(weight -> 0 - weight).toArray();
        double[] weights = StepSearch.least(new double[3], least, most, tried -> Arrays.stream(
                        new SeasonalArma(period, mean, tried[0], tried[1], tried[2]).errors(series, to))
                .map(error -> error * error)
                .sum());
        return new SeasonalArma(period, mean, weights[0], weights[1], weights[2]);
    }

    /** The errors of forecasts of each row. */
    private double[] errors(double[] series, int to) {
        double[] errors = new double[to];
        for (int row = 0; row < to; row++) {
            double before = row == 0 ? 0 : series[row - 1] - mean;
            errors[row] = series[row] - mean - next(before, errors, row, row);
        }
        return errors;
    }

    /**
     * What is expected of a row, less the mean.
     *
     * @param known rows whose errors are known; later ones are 0
     */
    private double next(double before, double[] errors, int row, int known) {
        double expected = phi * before + theta * error(errors, row - 1, known);
        return period == 1
                ? expected
                : expected
                        + seasonal
                                * (error(errors, row - period, known) + theta * error(errors, row - period - 1, known));
    }

    private static double error(double[] errors, int row, int known) {
        return row < 0 || row >= known ? 0 : errors[row];
    }

    @Override
    public String name() {
        return "arma";
    }

    @Override
    public String detail() {
        return String.format(Locale.ROOT, "phi %.2f theta %.2f", phi, theta)
                + (period == 1 ? "" : String.format(Locale.ROOT, " and %.2f period %d", seasonal, period));
    }

    /** One pass over the series, whatever the number of origins. */
    @Override
    public double[][] forecasts(double[] series, int[] origins, int horizon) {
        double[] errors = errors(series, Arrays.stream(origins).max().orElse(0));
        double[][] forecasts = new double[origins.length][horizon];
        for (int i = 0; i < origins.length; i++) {
            double before = origins[i] == 0 ? 0 : series[origins[i] - 1] - mean;
            for (int step = 0; step < horizon; step++) {
                before = next(before, errors, origins[i] + step, origins[i]);
                forecasts[i][step] = mean + before;
            }
        }
        return forecasts;
    }
}
