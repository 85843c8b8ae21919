package org.gatefold.train.metric;

import java.util.Arrays;

/**
 * What became of a fortune of 1 by returns that followed each other. Immutable as long as nobody writes its array.
 *
 * @param returns simple returns after costs, one a row, each above -1
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record EquityCurve(double... returns) {
    /** The fortune after each row. */
    public double[] values() {
        double[] values = new double[returns.length];
        double value = 1;
        for (int row = 0; row < values.length; row++) {
            value *= 1 + returns[row];
            values[row] = value;
        }
        return values;
    }

    /** The fortune at the end. */
    public double last() {
        return returns.length == 0 ? 1 : values()[returns.length - 1];
    }

    /**
     * The mean return over its standard deviation, the risk-free rate taken as 0 (Sharpe 1994, equation 4, with the deviation of a sample),
     * per year: times the root of the number of rows in a year. 0 if returns do not vary.
     */
    public double sharpe(double rowsPerYear) {
        double mean = Arrays.stream(returns).average().orElse(0);
        double deviation = deviation(mean);
        // A deviation of rounding alone is none.
        return deviation > 1e-12 ? mean / deviation * Math.sqrt(rowsPerYear) : 0;
    }

    private double deviation(double mean) {
        double squares = Arrays.stream(returns)
                .map(each -> (each - mean) * (each - mean))
                .sum();
        return returns.length < 2 ? 0 : Math.sqrt(squares / (returns.length - 1));
    }

    /** The standard deviation of returns per year. */
    public double volatility(double rowsPerYear) {
        return deviation(Arrays.stream(returns).average().orElse(0)) * Math.sqrt(rowsPerYear);
    }

    /** The rate by which the fortune grew per year: its end to the power of a year's share in the rows, less 1. */
    public double yearly(double rowsPerYear) {
        return returns.length == 0 ? 0 : Math.pow(last(), rowsPerYear / returns.length) - 1;
    }

    /** The largest loss from a height to what came behind, as a share of the height: 0 to 1 (Magdon-Ismail and Atiya 2004). */
    public double maximumDrawdown() {
        double height = 1;
        double worst = 0;
        for (double value : values()) {
            height = Math.max(height, value);
            worst = Math.max(worst, 1 - value / height);
        }
        return worst;
    }
}
