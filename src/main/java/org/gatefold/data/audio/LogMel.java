package org.gatefold.data.audio;

import java.util.Arrays;

/**
 * How a recording becomes steps of features: the power of mel bands in decibels, at most {@value #RANGE} below the loudest, as librosa's
 * {@code power_to_db(melspectrogram(…))}, or below full scale where the loudest is not known before the end. Immutable and thread-safe.
 *
 * @param rate samples of a second that recordings are brought to
 * @param windowMillis the time that a step looks at
 * @param hopMillis the time from a step to the next
 * @param bands mel bands, the features of a step
 * @param streamed whether a step is known once its window has come, so that {@link LogMelStream} gives the same
 */
public record LogMel(int rate, double windowMillis, double hopMillis, int bands, boolean streamed) {
    private static final double LEAST_POWER = 1e-10;
    private static final double RANGE = 80;
    private static final double FULL_SCALE = 0;

    /** Shorter transforms leave narrow bands without a frequency of their own. */
    private static final int FEWEST_POINTS = 512;

    public LogMel {
        if (bands < 1) {
            throw new IllegalArgumentException("bands: expected at least 1, got " + bands);
        }
        if (samples(rate, hopMillis) < 1 || samples(rate, windowMillis) < 2) {
            throw new IllegalArgumentException("window and hop: expected at least 2 samples and 1 at " + rate
                    + " Hz, got " + windowMillis + " ms and " + hopMillis + " ms");
        }
        if (MelFilters.of(rate, points(rate, windowMillis), bands).hasEmpty()) {
            throw new IllegalArgumentException("bands: expected fewer than " + bands + " at " + rate
                    + " Hz with windows of " + windowMillis + " ms, as some of them would hold no frequency");
        }
    }

    /** Features of whole recordings. */
    public LogMel(int rate, double windowMillis, double hopMillis, int bands) {
        this(rate, windowMillis, hopMillis, bands, false);
    }

    private static int samples(int rate, double millis) {
        return (int) Math.round(rate * millis / 1000);
    }

    /** Points of the Fourier transforms: a power of two, at least as many as a window has samples. */
    private static int points(int rate, double windowMillis) {
        return Math.max(FEWEST_POINTS, Integer.highestOneBit(samples(rate, windowMillis) * 2 - 1));
    }

    /**
     * The features of a recording, {@code [step][band]}, a step a hop.
     *
     * @throws LinkageError if JTransforms is not on the class path
     */
    float[][] of(Recording recording) {
        float[] samples = recording.at(rate).samples();
        PowerSpectrum spectrum = spectrum();
        MelFilters filters = filters();
        double[][] decibels = new double[spectrum.frames(samples.length)][];
        for (int step = 0; step < decibels.length; step++) {
            decibels[step] = decibels(filters, spectrum.frame(step, samples));
        }
        double loudest = streamed
                ? FULL_SCALE
                : Arrays.stream(decibels).flatMapToDouble(Arrays::stream).max().orElse(FULL_SCALE);
        return Arrays.stream(decibels).map(step -> features(loudest, step)).toArray(float[][]::new);
    }

    /** The features of a step that is streamed, of its power by frequency. */
    float[] streamed(MelFilters filters, double... power) {
        return features(FULL_SCALE, decibels(filters, power));
    }

    private double[] decibels(MelFilters filters, double... power) {
        double[] decibels = new double[bands];
        for (int band = 0; band < bands; band++) {
            decibels[band] = 10 * Math.log10(Math.max(LEAST_POWER, filters.apply(band, power)));
        }
        return decibels;
    }

    private static float[] features(double loudest, double... decibels) {
        float[] features = new float[decibels.length];
        for (int band = 0; band < features.length; band++) {
            features[band] = (float) Math.max(loudest - RANGE, decibels[band]);
        }
        return features;
    }

    PowerSpectrum spectrum() {
        return new PowerSpectrum(points(rate, windowMillis), samples(rate, windowMillis), samples(rate, hopMillis));
    }

    MelFilters filters() {
        return MelFilters.of(rate, points(rate, windowMillis), bands);
    }

    /** All that features depend on beside the recording, in words. */
    public String description() {
        return "log-mel " + rate + " Hz, window " + windowMillis + " ms, hop " + hopMillis + " ms, " + bands + " bands"
                + (streamed ? ", streamed" : "");
    }
}
