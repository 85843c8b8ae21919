package org.gatefold.train.metric;

/**
 * Whether two forecasts of the same rows are differently good: the test of Diebold and Mariano (1995, equation 6), with the correction
 * for few rows of Harvey, Leybourne and Newbold (1997, equation 9). With d<sub>t</sub> the difference of the losses of row t, of n rows
 * and forecasts h rows ahead, the statistic is mean(d) over the square root of (γ<sub>0</sub> + 2 Σ<sub>k&lt;h</sub> γ<sub>k</sub>) / n,
 * γ<sub>k</sub> being autocovariances with divisor n, times the square root of (n + 1 - 2h + h (h - 1) / n) / n. It is compared with
 * Student's t of n - 1 degrees of freedom. Immutable.
 *
 * @param statistic below 0 if the first forecast has the smaller losses
 * @param probability that chance alone gives a statistic as far from 0 where both are equally good; 1 if the losses do not differ
 */
public record DieboldMariano(double statistic, double probability) {
    /**
     * Compares losses.
     *
     * @param first the loss of the first forecast for each row, in order, such as squared errors
     * @param second of the second forecast, as many
     * @param horizon how many rows ahead is forecast, at least 1 and below the number of rows
     * @throws IllegalArgumentException if the numbers of rows differ, or are too few for the horizon
     */
    public static DieboldMariano of(double[] first, double[] second, int horizon) {
        int n = first.length;
        if (second.length != n) {
            throw new IllegalArgumentException(
                    "second: expected " + n + " losses as of the first, got " + second.length);
        }
        if (horizon < 1 || n < 2 || horizon >= n) {
            throw new IllegalArgumentException(
                    "horizon: expected at least 1 and fewer than the " + n + " rows, at least 2, got " + horizon);
        }
        double[] differences = new double[n];
        double mean = 0;
        for (int i = 0; i < n; i++) {
            differences[i] = first[i] - second[i];
            mean += differences[i] / n;
        }
        double own = autocovariance(differences, mean, 0);
        double variance = own;
        for (int lag = 1; lag < horizon; lag++) {
            variance += 2 * autocovariance(differences, mean, lag);
        }
        // The sum may be negative; as usual the variance is then taken as that of independent rows.
        double used = variance > 0 ? variance : own;
        if (used == 0) {
            return new DieboldMariano(0, 1);
        }
        double h = horizon;
        double correction = Math.sqrt((n + 1 - 2 * h + h * (h - 1) / n) / n);
        double statistic = correction * mean / Math.sqrt(used / n);
        return new DieboldMariano(statistic, Tails.studentBothSides(statistic, n - 1));
    }

    private static double autocovariance(double[] values, double mean, int lag) {
        double sum = 0;
        for (int i = lag; i < values.length; i++) {
            sum += (values[i] - mean) * (values[i - lag] - mean);
        }
        return sum / values.length;
    }
}
