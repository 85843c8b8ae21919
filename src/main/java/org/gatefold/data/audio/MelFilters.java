package org.gatefold.data.audio;

import java.util.Arrays;

/**
 * Triangles over the bins of a Fourier transform, evenly spaced on the mel scale of Slaney's Auditory Toolbox (1998), each of the same
 * area: librosa's {@code filters.mel} with its defaults. Immutable and thread-safe.
 */
final class MelFilters {
    /** The scale is linear below, and logarithmic above. */
    private static final double LINEAR_TO = 1000;

    private static final double HZ_OF_A_MEL = 200.0 / 3;
    private static final double LOG_STEP = Math.log(6.4) / 27;

    private final int[] first;
    private final double[][] weights;

    private MelFilters(int[] first, double[]... weights) {
        this.first = first;
        this.weights = weights;
    }

    /**
     * Filters from 0 to half the rate.
     *
     * @param rate samples of a second
     * @param length of the transform
     * @param count of filters
     */
    static MelFilters of(int rate, int length, int count) {
        double most = mel(rate / 2.0);
        double[] corners = new double[count + 2];
        for (int i = 0; i < corners.length; i++) {
            corners[i] = hertz(most * i / (count + 1));
        }
        int[] first = new int[count];
        double[][] weights = new double[count][];
        for (int filter = 0; filter < count; filter++) {
            double from = corners[filter];
            double middle = corners[filter + 1];
            double to = corners[filter + 2];
            double[] all = new double[length / 2 + 1];
            int begin = all.length;
            int end = 0;
            for (int bin = 0; bin < all.length; bin++) {
                double frequency = (double) bin * rate / length;
                double height = Math.min((frequency - from) / (middle - from), (to - frequency) / (to - middle));
                if (height > 0) {
                    all[bin] = height * 2 / (to - from);
                    begin = Math.min(begin, bin);
                    end = bin + 1;
                }
            }
            first[filter] = begin;
            weights[filter] = Arrays.copyOfRange(all, begin, Math.max(begin, end));
        }
        return new MelFilters(first, weights);
    }

    static double mel(double hertz) {
        return hertz < LINEAR_TO
                ? hertz / HZ_OF_A_MEL
                : LINEAR_TO / HZ_OF_A_MEL + Math.log(hertz / LINEAR_TO) / LOG_STEP;
    }

    static double hertz(double mel) {
        double linear = LINEAR_TO / HZ_OF_A_MEL;
        return mel < linear ? mel * HZ_OF_A_MEL : LINEAR_TO * Math.exp(LOG_STEP * (mel - linear));
    }

    /** True if a filter lies between two bins and is always 0. */
    boolean hasEmpty() {
        return Arrays.stream(weights).anyMatch(filter -> filter.length == 0);
    }

    /** What a filter lets through of the power of each bin. */
    double apply(int filter, double... power) {
        double sum = 0;
        for (int i = 0; i < weights[filter].length; i++) {
            sum += weights[filter][i] * power[first[filter] + i];
        }
        return sum;
    }
}
