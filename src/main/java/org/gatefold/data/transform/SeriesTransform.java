package org.gatefold.data.transform;

import java.util.Arrays;
import java.util.function.DoublePredicate;
import java.util.function.DoubleUnaryOperator;

/**
 * An invertible change of a series before a model sees it.
 *
 * <p>Immutable. {@link #apply} shortens the series by {@link #lost()} values at its start; {@link #restore} leads
 * forecasts back with the help of the values that came before them.
 */
public sealed interface SeriesTransform {
    /** How many values at the start of a series have no transformed value. */
    int lost();

    /**
     * The transformed series; element {@code i} belongs to {@code series[i + lost()]}.
     *
     * @throws IllegalArgumentException if the series is too short, or holds a value outside the domain
     */
    double[] apply(double[] series);

    /**
     * How far rounding may have moved a value of {@link #apply}: a bound.
     *
     * @param series what was transformed
     * @param error how far rounding may have moved a value of {@code series} already
     */
    double rounding(double[] series, double error);

    /**
     * Consecutive transformed values led back.
     *
     * @param before the untransformed values just before them, at least {@link #lost()}, the latest last
     * @param transformed the values to lead back; not written
     */
    double[] restore(double[] before, double[] transformed);

    /** The transform as options and files spell it, for instance {@code "difference(12)"}. */
    String label();

    /** The natural logarithm, for positive series whose swing grows with their level. */
    record Log() implements SeriesTransform {
        @Override
        public int lost() {
            return 0;
        }

        @Override
        public double[] apply(double[] series) {
            require(
                    series,
                    value -> value > 0,
                    "logarithm: expected positive values",
                    "; the square root takes zeros too");
            return Arrays.stream(series).map(Math::log).toArray();
        }

        @Override
        public double rounding(double[] series, double error) {
            return most(series, value -> error / value + Math.ulp(Math.log(value)));
        }

        @Override
        public double[] restore(double[] before, double[] transformed) {
            return Arrays.stream(transformed).map(Math::exp).toArray();
        }

        @Override
        public String label() {
            return "log";
        }
    }

    /** The square root, for counts: it makes their noise even. Forecasts below zero are led back to zero. */
    record SquareRoot() implements SeriesTransform {
        @Override
        public int lost() {
            return 0;
        }

        @Override
        public double[] apply(double[] series) {
            require(series, value -> value >= 0, "square root: expected values that are not negative", "");
            return Arrays.stream(series).map(Math::sqrt).toArray();
        }

        @Override
        public double rounding(double[] series, double error) {
            return most(series, value -> {
                // Near zero the root is steeper than any bound by its slope; the root of the error is one there.
                double slope = value > error ? error / Math.sqrt(value) : Math.sqrt(2 * error);
                return slope + Math.ulp(Math.sqrt(value));
            });
        }

        @Override
        public double[] restore(double[] before, double[] transformed) {
            return Arrays.stream(transformed)
                    .map(root -> root > 0 ? root * root : 0)
                    .toArray();
        }

        @Override
        public String label() {
            return "sqrt";
        }
    }

    /**
     * The change against the value {@code lag} rows earlier: lag 1 takes away a trend, the period takes away a season.
     *
     * @param lag at least 1
     */
    record Difference(int lag) implements SeriesTransform {
        public Difference {
            if (lag < 1) {
                throw new IllegalArgumentException("lag: expected at least 1, got " + lag);
            }
        }

        @Override
        public int lost() {
            return lag;
        }

        @Override
        public double[] apply(double[] series) {
            if (series.length <= lag) {
                throw new IllegalArgumentException(
                        "difference: expected more than " + lag + " values, got " + series.length);
            }
            double[] result = new double[series.length - lag];
            for (int i = 0; i < result.length; i++) {
                result[i] = series[i + lag] - series[i];
            }
            return result;
        }

        @Override
        public double rounding(double[] series, double error) {
            return 2 * error + 2 * Math.ulp(most(series, Math::abs));
        }

        @Override
        public double[] restore(double[] before, double[] transformed) {
            if (before.length < lag) {
                throw new IllegalArgumentException(
                        "before: expected at least " + lag + " values, got " + before.length);
            }
            double[] result = new double[transformed.length];
            for (int i = 0; i < result.length; i++) {
                double earlier = i < lag ? before[before.length - lag + i] : result[i - lag];
                result[i] = earlier + transformed[i];
            }
            return result;
        }

        @Override
        public String label() {
            return "difference(" + lag + ")";
        }
    }

    /** Refuses a series with a value outside the domain. */
    private static void require(double[] series, DoublePredicate domain, String expected, String advice) {
        for (int i = 0; i < series.length; i++) {
            if (!domain.test(series[i])) {
                throw new IllegalArgumentException(expected + ", got " + series[i] + " at row " + (i + 1) + advice);
            }
        }
    }

    /** The largest of what values give, at least 0. */
    private static double most(double[] series, DoubleUnaryOperator of) {
        return Arrays.stream(series).map(of).reduce(0, Math::max);
    }

    /** Reads what {@link #label} wrote. */
    static SeriesTransform parse(String label) {
        if (label.equals("log")) {
            return new Log();
        }
        if (label.equals("sqrt")) {
            return new SquareRoot();
        }
        if (label.matches("difference\\(\\d{1,6}\\)")) {
            return new Difference(Integer.parseInt(label.substring("difference(".length(), label.length() - 1)));
        }
        throw new IllegalArgumentException("transform: expected log, sqrt or difference(LAG), got '" + label + "'");
    }
}
