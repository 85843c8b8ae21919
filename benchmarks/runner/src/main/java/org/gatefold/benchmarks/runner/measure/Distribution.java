package org.gatefold.benchmarks.runner.measure;

import java.util.Arrays;

/** Sorted samples. Immutable. */
public final class Distribution {
    private final long[] sorted;

    public Distribution(long[] samples) {
        if (samples.length == 0) {
            throw new IllegalArgumentException("no samples");
        }
        sorted = samples.clone();
        Arrays.sort(sorted);
    }

    public int count() {
        return sorted.length;
    }

    /** The value below which the given fraction of the samples lies, interpolated between neighbours. */
    public double quantile(double fraction) {
        double position = fraction * (sorted.length - 1);
        int below = (int) position;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }

    public double median() {
        return quantile(0.5);
    }
}
