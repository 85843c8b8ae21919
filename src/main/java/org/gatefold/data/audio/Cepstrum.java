package org.gatefold.data.audio;

import java.util.stream.IntStream;

/**
 * What is computed of log-mel features: mel-frequency cepstral coefficients and rates of change, as librosa's {@code mfcc} and
 * {@code delta} with their defaults. Stateless.
 */
public final class Cepstrum {
    /** Steps over which a rate of change is taken. */
    private static final int WIDTH = 9;

    /** Of features that change; below it is rounding. */
    private static final double LEAST_DEVIATION = 1e-6;

    private Cepstrum() {}

    /**
     * The first coefficients of the orthonormal cosine transform (DCT-II) of each step.
     *
     * @param logMel {@code [step][band]}
     * @param count at most as many as bands
     */
    public static float[][] coefficients(float[][] logMel, int count) {
        int bands = logMel[0].length;
        if (count < 1 || count > bands) {
            throw new IllegalArgumentException(
                    "coefficients: expected 1 to " + bands + ", as many as bands, got " + count);
        }
        double[][] table = new double[count][bands];
        for (int k = 0; k < count; k++) {
            for (int band = 0; band < bands; band++) {
                table[k][band] = Math.sqrt((k == 0 ? 1.0 : 2.0) / bands)
                        * Math.cos(Math.PI * k * (2 * band + 1) / (2.0 * bands));
            }
        }
        float[][] out = new float[logMel.length][count];
        for (int step = 0; step < out.length; step++) {
            for (int k = 0; k < count; k++) {
                double sum = 0;
                for (int band = 0; band < bands; band++) {
                    sum += table[k][band] * logMel[step][band];
                }
                out[step][k] = (float) sum;
            }
        }
        return out;
    }

    /**
     * The slope of a line through each step and its neighbours, four to each side, or fewer where there are not so many steps; that of
     * the first and last whole neighbourhood at the ends (Savitzky and Golay 1964, of degree 1).
     *
     * @param features {@code [step][feature]}
     */
    public static float[][] deltas(float[][] features) {
        int steps = features.length;
        int half = Math.min(WIDTH, steps % 2 == 0 ? steps - 1 : steps) / 2;
        double norm = 2.0 * IntStream.rangeClosed(1, half).map(i -> i * i).sum();
        float[][] out = new float[steps][features[0].length];
        for (int step = 0; step < steps; step++) {
            int middle = Math.max(half, Math.min(steps - 1 - half, step));
            for (int feature = 0; feature < out[step].length; feature++) {
                double sum = 0;
                for (int i = 1; i <= half; i++) {
                    sum += i * ((double) features[middle + i][feature] - features[middle - i][feature]);
                }
                out[step][feature] = half == 0 ? 0 : (float) (sum / norm);
            }
        }
        return out;
    }

    /**
     * Each feature brought to mean 0 and deviation 1 over the steps of a recording, so that loudness and the room do not matter; a
     * feature that does not change becomes 0.
     *
     * @param features {@code [step][feature]}; not changed
     */
    public static float[][] normalized(float[][] features) {
        float[][] out = new float[features.length][features[0].length];
        for (int feature = 0; feature < features[0].length; feature++) {
            normalize(features, feature, feature + 1, out);
        }
        return out;
    }

    /**
     * All features of a recording brought to mean 0 and deviation 1 together, so that loudness does not matter, while what one has more
     * of than another stays to be seen; those of a recording in which nothing changes become 0.
     *
     * @param features {@code [step][feature]}, of one unit; not changed
     */
    public static float[][] normalizedTogether(float[][] features) {
        float[][] out = new float[features.length][features[0].length];
        normalize(features, 0, features[0].length, out);
        return out;
    }

    /** Brings features {@code from} to {@code to - 1} to mean 0 and deviation 1 together. */
    private static void normalize(float[][] features, int from, int to, float[]... out) {
        double count = (double) features.length * (to - from);
        double sum = 0;
        for (float[] step : features) {
            for (int i = from; i < to; i++) {
                sum += step[i];
            }
        }
        double mean = sum / count;
        double squares = 0;
        for (float[] step : features) {
            for (int i = from; i < to; i++) {
                squares += (step[i] - mean) * (step[i] - mean);
            }
        }
        double deviation = Math.sqrt(squares / count);
        for (int step = 0; step < out.length; step++) {
            for (int i = from; i < to; i++) {
                double centred = features[step][i] - mean;
                out[step][i] = deviation < LEAST_DEVIATION ? 0 : (float) (centred / deviation);
            }
        }
    }
}
