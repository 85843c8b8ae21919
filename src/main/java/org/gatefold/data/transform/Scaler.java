package org.gatefold.data.transform;

import java.util.Locale;
import java.util.Objects;

/**
 * A linear map that brings a column to a range that networks train well on: {@code (value - offset) / scale}.
 *
 * <p>Immutable. Fit it on the training part alone: the test part must not be known when the model is made.
 *
 * @param kind how offset and scale were found
 * @param offset what is taken away
 * @param scale what the rest is divided by; positive
 */
public record Scaler(Kind kind, double offset, double scale) {
    /** Variation below so many units in the last place of the largest value is rounding. */
    private static final int ROUNDING_UNITS = 4;

    /** How a scaler is fitted. */
    public enum Kind {
        /** Mean 0 and standard deviation 1. */
        STANDARD,
        /** Smallest value 0, largest 1. */
        MINMAX,
        /** Values stay as they are. */
        NONE;

        /** The name in lower case, as options and files spell it. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Scaler {
        Objects.requireNonNull(kind, "kind");
        if (!Double.isFinite(offset)) {
            throw new IllegalArgumentException("offset: expected a finite number, got " + offset);
        }
        if (!(scale > 0) || !Double.isFinite(scale)) {
            throw new IllegalArgumentException("scale: expected a positive number, got " + scale);
        }
    }

    /** The map that changes nothing. */
    public static Scaler identity() {
        return new Scaler(Kind.NONE, 0, 1);
    }

    /**
     * Fits a scaler to {@code values[from]} to {@code values[to - 1]}. A constant column gets scale 1, as does one that
     * varies no more than its last digits do: by four units in the last place of its largest value.
     *
     * @throws IllegalArgumentException if the range is empty or leaves the array, or if a value in it is not finite
     */
    public static Scaler fit(Kind kind, double[] values, int from, int to) {
        return fit(kind, values, from, to, 0);
    }

    /**
     * Fits a scaler to values that were computed, whose rounding is not to be taken for variation: a column that varies by
     * no more than {@code rounding} is constant too.
     *
     * @param rounding how far rounding may have moved a value, at least 0; for instance {@link TransformChain#rounding}
     * @throws IllegalArgumentException as {@link #fit(Kind, double[], int, int)}, or if {@code rounding} is negative
     */
    public static Scaler fit(Kind kind, double[] values, int from, int to, double rounding) {
        if (from < 0 || to > values.length || from >= to) {
            throw new IllegalArgumentException(
                    "range: expected a part of " + values.length + " values, got " + from + " to " + to);
        }
        if (!(rounding >= 0)) {
            throw new IllegalArgumentException("rounding: expected at least 0, got " + rounding);
        }
        double least = values[from];
        double most = values[from];
        for (int i = from; i < to; i++) {
            if (!Double.isFinite(values[i])) {
                throw new IllegalArgumentException(
                        "values: expected finite numbers, got " + values[i] + " at row " + (i + 1));
            }
            least = Math.min(least, values[i]);
            most = Math.max(most, values[i]);
        }
        if (kind == Kind.NONE) {
            return identity();
        }
        double range = most - least;
        if (range == Double.POSITIVE_INFINITY) {
            throw new IllegalArgumentException(
                    "values: expected a range that a double can hold, got " + least + " to " + most);
        }
        double noise = ROUNDING_UNITS * Math.ulp(Math.max(Math.abs(least), Math.abs(most)));
        boolean constant = range < Double.MIN_NORMAL || range <= Math.max(noise, 2 * rounding);
        if (kind == Kind.MINMAX) {
            return new Scaler(kind, least, constant ? 1 : range);
        }
        double mean = mean(values, from, to, least);
        return new Scaler(kind, mean, constant ? 1 : deviation(values, from, to, mean, range));
    }

    /** Fits a scaler to all values. */
    public static Scaler fit(Kind kind, double... values) {
        return fit(kind, values, 0, values.length);
    }

    /** Sums differences against one of the values, so that equal values have exactly that mean. */
    private static double mean(double[] values, int from, int to, double least) {
        double mean = 0;
        for (int i = from; i < to; i++) {
            mean += (values[i] - least) / (to - from);
        }
        return least + mean;
    }

    /** In units of the range: squares of it may leave what a double holds. */
    private static double deviation(double[] values, int from, int to, double mean, double range) {
        double variance = 0;
        for (int i = from; i < to; i++) {
            double difference = (values[i] - mean) / range;
            variance += difference * difference / (to - from);
        }
        return range * Math.sqrt(variance);
    }

    /** To the scale of the model. */
    public double scale(double value) {
        return (value - offset) / scale;
    }

    /** Back to the scale of the data. */
    public double restore(double scaled) {
        return scaled * scale + offset;
    }

    /** To the scale of the model, into a new array. */
    public double[] scale(double[] values) {
        double[] scaled = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            scaled[i] = scale(values[i]);
        }
        return scaled;
    }
}
