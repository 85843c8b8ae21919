package org.gatefold.recipe.baseline;

import java.util.Arrays;

/**
 * The portfolio of least variance (Markowitz 1952) that sells nothing short: weights of at least 0 that sum to 1. Found exactly by moving
 * weight between the two assets that gain most from it, until no two do (sequential minimal optimisation, Platt 1998). Immutable as long
 * as nobody writes its array.
 *
 * @param weights one for each asset
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record MinimumVariance(double... weights) {
    private static final double TOLERANCE = 1e-10;
    private static final int MOST_MOVES = 100_000;

    /**
     * Finds the weights.
     *
     * @param returns {@code [row][asset]}, at least 2 rows
     */
    public static MinimumVariance fit(double[][] returns) {
        return ofCovariance(covariance(returns));
    }

    /** The covariance of the assets, with divisor n - 1. */
    private static double[][] covariance(double[]... returns) {
        int assets = returns[0].length;
        double[] means = new double[assets];
        for (double[] row : returns) {
            for (int i = 0; i < assets; i++) {
                means[i] += row[i] / returns.length;
            }
        }
        double[][] covariance = new double[assets][assets];
        for (double[] row : returns) {
            for (int i = 0; i < assets; i++) {
                for (int j = 0; j < assets; j++) {
                    covariance[i][j] += (row[i] - means[i]) * (row[j] - means[j]) / (returns.length - 1);
                }
            }
        }
        return covariance;
    }

    /**
     * Finds the weights.
     *
     * @param covariance of the assets, symmetric and without negative variances
     */
    public static MinimumVariance ofCovariance(double[][] covariance) {
        int assets = covariance.length;
        double[] weights = new double[assets];
        Arrays.fill(weights, 1.0 / assets);
        double size = 0;
        for (int i = 0; i < assets; i++) {
            size = Math.max(size, covariance[i][i]);
        }
        for (int move = 0; move < MOST_MOVES; move++) {
            double[] slopes = new double[assets];
            int from = -1;
            int to = 0;
            for (int i = 0; i < assets; i++) {
                for (int j = 0; j < assets; j++) {
                    slopes[i] += covariance[i][j] * weights[j];
                }
                from = weights[i] > 0 && (from < 0 || slopes[i] > slopes[from]) ? i : from;
                to = slopes[i] < slopes[to] ? i : to;
            }
            double gain = slopes[from] - slopes[to];
            if (gain <= TOLERANCE * size) {
                break;
            }
            double curvature = covariance[from][from] + covariance[to][to] - 2 * covariance[from][to];
            double moved = curvature > 0 ? Math.min(weights[from], gain / curvature) : weights[from];
            weights[from] = moved == weights[from] ? 0 : weights[from] - moved;
            weights[to] += moved;
        }
        return new MinimumVariance(weights);
    }
}
