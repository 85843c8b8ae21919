package org.gatefold.data.audio;

/**
 * How a recording becomes steps of features: the power of mel bands in decibels, at most {@value #RANGE} below the loudest, as librosa's
 * {@code power_to_db(melspectrogram(…))}. Immutable and thread-safe.
 *
 * @param rate samples of a second that recordings are brought to
 * @param windowMillis the time that a step looks at
 * @param hopMillis the time from a step to the next
 * @param bands mel bands, the features of a step
 */
public record LogMel(int rate, double windowMillis, double hopMillis, int bands) {
    private static final double LEAST_POWER = 1e-10;
    private static final double RANGE = 80;

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
        int points = points(rate, windowMillis);
        PowerSpectrum spectrum = new PowerSpectrum(points, samples(rate, windowMillis), samples(rate, hopMillis));
        MelFilters filters = MelFilters.of(rate, points, bands);
        float[][] steps = new float[spectrum.frames(samples.length)][bands];
        double loudest = Double.NEGATIVE_INFINITY;
        for (int step = 0; step < steps.length; step++) {
            double[] power = spectrum.frame(step, samples);
            for (int band = 0; band < bands; band++) {
                double decibels = 10 * Math.log10(Math.max(LEAST_POWER, filters.apply(band, power)));
                steps[step][band] = (float) decibels;
                loudest = Math.max(loudest, decibels);
            }
        }
        float least = (float) (loudest - RANGE);
        for (float[] step : steps) {
            for (int band = 0; band < bands; band++) {
                step[band] = Math.max(least, step[band]);
            }
        }
        return steps;
    }

    /** All that features depend on beside the recording, in words. */
    public String description() {
        return "log-mel " + rate + " Hz, window " + windowMillis + " ms, hop " + hopMillis + " ms, " + bands + " bands";
    }
}
