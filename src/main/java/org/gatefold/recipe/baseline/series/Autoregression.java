package org.gatefold.recipe.baseline.series;

import java.util.Arrays;

/**
 * A linear autoregression AR(p) with intercept, fitted by least squares in double precision.
 *
 * <p>Immutable and thread-safe. Several steps ahead it is iterated on its own forecasts.
 */
public final class Autoregression implements SeriesBaseline {
    private final double intercept;
    private final double[] weights;

    private Autoregression(double intercept, double[] weights) {
        this.intercept = intercept;
        this.weights = weights;
    }

    /** One whose coefficients are known. */
    public static Autoregression of(double intercept, double... weights) {
        return new Autoregression(intercept, weights.clone());
    }

    /**
     * Fits AR(order) to {@code series[0]} to {@code series[to - 1]}.
     *
     * @param order p, at least 1; {@code to} must be at least {@code 2 * order + 2}
     */
    public static Autoregression fit(double[] series, int to, int order) {
        if (order < 1) {
            throw new IllegalArgumentException("order: expected at least 1, got " + order);
        }
        if (to > series.length || to < 2 * order + 2) {
            throw new IllegalArgumentException("rows: expected " + (2 * order + 2) + " to " + series.length
                    + " for an autoregression of order " + order + ", got " + to);
        }
        int equations = to - order;
        double[][] columns = new double[order + 1][equations];
        double[] right = new double[equations];
        for (int row = 0; row < equations; row++) {
            columns[0][row] = 1;
            for (int lag = 1; lag <= order; lag++) {
                columns[lag][row] = series[order + row - lag];
            }
            right[row] = series[order + row];
        }
        double[] solution = LeastSquares.solve(columns, right);
        return new Autoregression(solution[0], Arrays.copyOfRange(solution, 1, order + 1));
    }

    /**
     * Fits AR(p) to the training part with the order that forecasts its last fifth best, one step ahead, when fitted to
     * the rest. Nothing after {@code to} is read.
     *
     * @param to rows of the training part, at least 10
     * @param mostOrder the highest order tried; fewer where the rows do not allow it
     */
    public static Autoregression choose(double[] series, int to, int mostOrder) {
        if (to > series.length || to < 10) {
            throw new IllegalArgumentException("rows: expected 10 to " + series.length + ", got " + to);
        }
        int fitted = to - to / 5;
        int best = 1;
        double least = Double.POSITIVE_INFINITY;
        for (int order = 1; order <= mostOrder && 2 * order + 2 <= fitted; order++) {
            Autoregression candidate = fit(series, fitted, order);
            double squares = 0;
            for (int row = fitted; row < to; row++) {
                double error = candidate.forecast(series, row, 1)[0] - series[row];
                squares += error * error;
            }
            if (squares < least) {
                least = squares;
                best = order;
            }
        }
        return fit(series, to, best);
    }

    /** p. */
    public int order() {
        return weights.length;
    }

    public double intercept() {
        return intercept;
    }

    /** The weights of lags 1 to p. */
    public double[] weights() {
        return weights.clone();
    }

    @Override
    public String name() {
        return "ar";
    }

    @Override
    public String detail() {
        return "order " + order();
    }

    @Override
    public int before() {
        return order();
    }

    /** @throws IllegalArgumentException if fewer than p values are known before {@code origin} */
    @Override
    public double[] forecast(double[] series, int origin, int horizon) {
        if (origin < order()) {
            throw new IllegalArgumentException(
                    "origin: expected at least " + order() + " rows before it, got " + origin);
        }
        double[] forecast = new double[horizon];
        for (int step = 0; step < horizon; step++) {
            double value = intercept;
            for (int lag = 1; lag <= order(); lag++) {
                value += weights[lag - 1] * (step >= lag ? forecast[step - lag] : series[origin + step - lag]);
            }
            forecast[step] = value;
        }
        return forecast;
    }
}
