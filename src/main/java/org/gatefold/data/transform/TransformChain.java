package org.gatefold.data.transform;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Several transforms, applied first to last and undone last to first.
 *
 * <p>Immutable and thread-safe.
 *
 * @param steps the transforms in the order of {@link #apply}
 */
public record TransformChain(List<SeriesTransform> steps) {
    public TransformChain {
        steps = List.copyOf(steps);
    }

    /** A chain of the transforms given. */
    public static TransformChain of(SeriesTransform... steps) {
        return new TransformChain(List.of(steps));
    }

    /** How many values at the start of a series have no transformed value. */
    public int lost() {
        return steps.stream().mapToInt(SeriesTransform::lost).sum();
    }

    /** The transformed series; element {@code i} belongs to {@code series[i + lost()]}. */
    public double[] apply(double[] series) {
        double[] result = series.clone();
        for (SeriesTransform step : steps) {
            result = step.apply(result);
        }
        return result;
    }

    /** How far rounding may have moved a value of {@link #apply} since the series was written down: a bound. */
    public double rounding(double... series) {
        double error = 0;
        for (double value : series) {
            error = Math.max(error, Math.ulp(value));
        }
        double[] current = series;
        for (SeriesTransform step : steps) {
            error = step.rounding(current, error);
            current = step.apply(current);
        }
        return error;
    }

    /**
     * Consecutive transformed values led back to the scale of the data.
     *
     * @param before the untransformed values just before them, at least {@link #lost()}, the latest last
     * @param transformed the values to lead back; not written
     */
    public double[] restore(double[] before, double[] transformed) {
        int needed = lost();
        if (before.length < needed) {
            throw new IllegalArgumentException("before: expected at least " + needed + " values, got " + before.length);
        }
        // The tail is enough, and keeps walk-forward evaluation linear in the length of the series.
        double[] level = Arrays.copyOfRange(before, before.length - needed, before.length);
        List<double[]> levels = new ArrayList<>();
        for (SeriesTransform step : steps) {
            levels.add(level);
            level = level.length > step.lost() ? step.apply(level) : new double[0];
        }
        double[] result = transformed.clone();
        for (int i = steps.size() - 1; i >= 0; i--) {
            result = steps.get(i).restore(levels.get(i), result);
        }
        return result;
    }

    /** The labels of the steps. */
    public List<String> labels() {
        return steps.stream().map(SeriesTransform::label).toList();
    }

    /** Reads what {@link #labels} wrote. */
    public static TransformChain parse(List<String> labels) {
        return new TransformChain(labels.stream().map(SeriesTransform::parse).toList());
    }
}
