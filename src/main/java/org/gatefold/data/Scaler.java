package org.gatefold.data;

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
     * Fits a scaler to {@code values[from]} to {@code values[to - 1]}. A constant column gets scale 1.
     *
     * @throws IllegalArgumentException if the range is empty or leaves the array
     */
    public static Scaler fit(Kind kind, double[] values, int from, int to) {
        if (from < 0 || to > values.length || from >= to) {
            throw new IllegalArgumentException(
                    "range: expected a part of " + values.length + " values, got " + from + " to " + to);
        }
        return switch (kind) {
            case STANDARD -> standard(values, from, to);
            case MINMAX -> minMax(values, from, to);
            case NONE -> identity();
        };
    }

    /** Fits a scaler to all values. */
    public static Scaler fit(Kind kind, double... values) {
        return fit(kind, values, 0, values.length);
    }

    private static Scaler standard(double[] values, int from, int to) {
        double mean = 0;
        for (int i = from; i < to; i++) {
            mean += values[i] / (to - from);
        }
        double variance = 0;
        for (int i = from; i < to; i++) {
            variance += (values[i] - mean) * (values[i] - mean) / (to - from);
        }
        return new Scaler(Kind.STANDARD, mean, positive(Math.sqrt(variance)));
    }

    private static Scaler minMax(double[] values, int from, int to) {
        double least = values[from];
        double most = values[from];
        for (int i = from; i < to; i++) {
            least = Math.min(least, values[i]);
            most = Math.max(most, values[i]);
        }
        return new Scaler(Kind.MINMAX, least, positive(most - least));
    }

    private static double positive(double scale) {
        return scale > 0 ? scale : 1;
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
