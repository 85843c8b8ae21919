package org.gatefold.recipe.baseline.series;

import java.util.Arrays;
import java.util.Locale;

/**
 * Exponential smoothing of a level, a damped trend and, with a period, an additive season (Holt 1957, Winters 1960, Gardner and
 * McKenzie 1985; ETS(A,Ad,N) and ETS(A,Ad,A) of Hyndman 2008): with {@code e = y - (l + φ b + s)},
 * {@code l += φ b + α e}, {@code b = φ b + α β e}, {@code s += γ e}. A forecast of k steps is
 * {@code l + (φ + … + φᵏ) b + s}. The states begin at the mean, slope and deviations of the first two periods.
 *
 * <p>Immutable and thread-safe.
 *
 * @param period rows in a season, at least 2; 1 for none
 * @param alpha share of an error that the level takes, 0 to 1
 * @param beta share of that which the trend takes, 0 to 1
 * @param gamma share of an error that the season takes, 0 to 1
 * @param phi damping of the trend, 0 to 1
 */
public record ExponentialSmoothing(int period, double alpha, double beta, double gamma, double phi)
        implements OnePassBaseline {
    /** Rows that tell the first states where there is no season. */
    private static final int FEWEST = 4;

    public ExponentialSmoothing {
        if (period < 1) {
            throw new IllegalArgumentException("period: expected at least 1, got " + period);
        }
        for (double share : new double[] {alpha, beta, gamma, phi}) {
            if (!(share >= 0 && share <= 1)) {
                throw new IllegalArgumentException("alpha, beta, gamma, phi: expected 0 to 1, got " + alpha + ", "
                        + beta + ", " + gamma + ", " + phi);
            }
        }
    }

    /**
     * The four weights whose forecasts of the next row, over {@code series[0]} to {@code series[to - 1]}, have the smallest
     * squares: a search by steps that are halved.
     *
     * @param to at least {@link #fewestRows}
     */
    public static ExponentialSmoothing fit(double[] series, int to, int period) {
        if (to > series.length || to < fewestRows(period)) {
            throw new IllegalArgumentException("rows: expected " + fewestRows(period) + " to " + series.length
                    + " for exponential smoothing of period " + period + ", got " + to);
        }
        double[] start = {0.3, 0.1, period == 1 ? 0 : 0.1, 0.9};
        double[] most = {1, 1, period == 1 ? 0 : 1, 1};
        return of(period, StepSearch.least(start, new double[4], most, weights -> of(period, weights)
                .squares(series, to)));
    }

    private static ExponentialSmoothing of(int period, double... weights) {
        return new ExponentialSmoothing(period, weights[0], weights[1], weights[2], weights[3]);
    }

    /** Rows without which it cannot be fitted: {@link #before()} and two more. */
    public static int fewestRows(int period) {
        return Math.max(FEWEST, 2 * period) + 2;
    }

    private double squares(double[] series, int to) {
        State state = new State(series);
        double squares = 0;
        for (int row = before(); row < to; row++) {
            double error = series[row] - state.next(1);
            squares += error * error;
            state.see(series[row]);
        }
        return squares;
    }

    /** Rows that must be known before the first forecast. */
    @Override
    public int before() {
        return Math.max(FEWEST, 2 * period);
    }

    @Override
    public String name() {
        return "ets";
    }

    @Override
    public String detail() {
        return String.format(Locale.ROOT, "alpha %.2f beta %.2f", alpha, beta)
                + (period == 1 ? "" : String.format(Locale.ROOT, " gamma %.2f period %d", gamma, period));
    }

    /** One pass over the series, whatever the number of origins. */
    @Override
    public double[][] forecasts(double[] series, int[] origins, int horizon) {
        double[][] forecasts = new double[origins.length][horizon];
        Integer[] order = new Integer[origins.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (i, j) -> Integer.compare(origins[i], origins[j]));
        State state = null;
        int row = before();
        for (int i : order) {
            if (origins[i] < before()) {
                throw new IllegalArgumentException(
                        "origin: expected at least " + before() + " rows before it, got " + origins[i]);
            }
            if (state == null) {
                state = new State(series);
            }
            while (row < origins[i]) {
                state.see(series[row++]);
            }
            for (int step = 0; step < horizon; step++) {
                forecasts[i][step] = state.next(step + 1);
            }
        }
        return forecasts;
    }

    /** Level, trend and season behind some rows. */
    private final class State {
        private final double[] season = new double[period];
        private double level;
        private double trend;
        private int place;

        private State(double... series) {
            int half = before() / 2;
            double first = 0;
            double second = 0;
            for (int i = 0; i < half; i++) {
                first += series[i] / half;
                second += series[half + i] / half;
            }
            trend = (second - first) / half;
            level = second + trend * (half - 1) / 2;
            for (int i = 0; period > 1 && i < period; i++) {
                double middle = (period - 1) / 2.0;
                season[i] =
                        (series[i] - first - trend * (i - middle) + series[period + i] - second - trend * (i - middle))
                                / 2;
            }
            place = before() % period;
        }

        private double next(int steps) {
            double damped = 0;
            double power = 1;
            for (int i = 0; i < steps; i++) {
                power *= phi;
                damped += power;
            }
            return level + damped * trend + season[(place + steps - 1) % period];
        }

        private void see(double value) {
            double error = value - next(1);
            level += phi * trend + alpha * error;
            trend = phi * trend + alpha * beta * error;
            season[place] += gamma * error;
            place = (place + 1) % period;
        }
    }
}
