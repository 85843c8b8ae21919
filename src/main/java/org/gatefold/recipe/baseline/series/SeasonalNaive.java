package org.gatefold.recipe.baseline.series;

import java.util.Arrays;
import java.util.OptionalInt;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.gatefold.data.transform.SeriesTransform;

/**
 * Forecasts that the last season repeats: the value one period earlier.
 *
 * @param period rows in a season, at least 2
 */
public record SeasonalNaive(int period) implements SeriesBaseline {
    /** Peaks of the autocorrelation below this share of the highest are harmonics or noise. */
    private static final double NEARLY_HIGHEST = 0.9;

    /** Lags without which there is no telling. */
    private static final int FEWEST_LAGS = 3;

    /** An autocorrelation below this is no season. */
    private static final double LEAST_CORRELATION = 0.2;

    public SeasonalNaive {
        if (period < 2) {
            throw new IllegalArgumentException("period: expected at least 2, got " + period);
        }
    }

    /**
     * The period of a series: the shortest lag whose autocorrelation, after a straight line is taken away, is a local
     * maximum and nearly as high as the highest. Empty if no lag up to a third of the series shows one.
     *
     * @param series the training part
     */
    public static OptionalInt findPeriod(double[] series) {
        return shortest(series.length / 3, LEAST_CORRELATION, () -> withoutLine(series));
    }

    /**
     * Periods that a series may have: the one that is found in it, and the one that is found in its changes in the same way, where
     * slow movements hide it, if its autocorrelation is higher than chance makes the highest of so many. None to two, all different.
     *
     * @param series the training part
     */
    public static int[] findPeriods(double[] series) {
        int most = series.length / 3;
        double chance = most < FEWEST_LAGS ? 1 : Math.sqrt(2 * Math.log(most) / series.length);
        OptionalInt ofChanges = shortest(most, chance, () -> centred(new SeriesTransform.Difference(1).apply(series)));
        return IntStream.concat(findPeriod(series).stream(), ofChanges.stream())
                .distinct()
                .toArray();
    }

    /** The shortest lag up to the most whose autocorrelation is a local maximum, at least so high and nearly as high as the highest. */
    private static OptionalInt shortest(int most, double least, Supplier<double[]> centred) {
        if (most < FEWEST_LAGS) {
            return OptionalInt.empty();
        }
        double[] correlation = autocorrelation(centred.get(), most + 1);
        int[] peaks = IntStream.rangeClosed(2, most)
                .filter(lag -> correlation[lag] >= least && isPeak(correlation, lag))
                .toArray();
        double highest =
                Arrays.stream(peaks).mapToDouble(lag -> correlation[lag]).max().orElse(0);
        return Arrays.stream(peaks)
                .filter(lag -> correlation[lag] >= NEARLY_HIGHEST * highest)
                .findFirst();
    }

    private static boolean isPeak(double[] correlation, int lag) {
        return correlation[lag] > correlation[lag - 1] && correlation[lag] >= correlation[lag + 1];
    }

    private static double[] centred(double... series) {
        double mean = Arrays.stream(series).average().orElseThrow();
        return Arrays.stream(series).map(value -> value - mean).toArray();
    }

    private static double[] withoutLine(double[] series) {
        int n = series.length;
        double middle = (n - 1) / 2.0;
        double mean = 0;
        for (double value : series) {
            mean += value / n;
        }
        double products = 0;
        double squares = 0;
        for (int i = 0; i < n; i++) {
            products += (i - middle) * (series[i] - mean);
            squares += (i - middle) * (i - middle);
        }
        double slope = products / squares;
        double[] rest = new double[n];
        for (int i = 0; i < n; i++) {
            rest[i] = series[i] - mean - slope * (i - middle);
        }
        return rest;
    }

    private static double[] autocorrelation(double[] centred, int most) {
        double[] correlation = new double[most + 1];
        double variance = 0;
        for (double value : centred) {
            variance += value * value;
        }
        if (variance == 0) {
            return correlation;
        }
        for (int lag = 0; lag <= most; lag++) {
            double sum = 0;
            for (int i = lag; i < centred.length; i++) {
                sum += centred[i] * centred[i - lag];
            }
            correlation[lag] = sum / variance;
        }
        return correlation;
    }

    @Override
    public String name() {
        return "seasonal";
    }

    @Override
    public String detail() {
        return "period " + period;
    }

    @Override
    public int before() {
        return period;
    }

    /** @throws IllegalArgumentException if less than one period is known before {@code origin} */
    @Override
    public double[] forecast(double[] series, int origin, int horizon) {
        if (origin < period) {
            throw new IllegalArgumentException(
                    "origin: expected at least one period of " + period + " rows before it, got " + origin);
        }
        double[] forecast = new double[horizon];
        for (int step = 0; step < horizon; step++) {
            forecast[step] = step < period ? series[origin - period + step] : forecast[step - period];
        }
        return forecast;
    }
}
