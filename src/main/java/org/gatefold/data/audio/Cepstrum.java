package org.gatefold.data.audio;

import java.util.stream.IntStream;

/**
 * What is computed of log-mel features: mel-frequency cepstral coefficients and rates of change, as librosa's {@code mfcc} and
 * {@code delta} with their defaults. Stateless.
 */
public final class Cepstrum {
    /** Steps over which a rate of change is taken. */
    private static final int WIDTH = 9;

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
            double sum = 0;
            for (float[] step : features) {
                sum += step[feature];
            }
            double mean = sum / features.length;
            double squares = 0;
            for (float[] step : features) {
                squares += (step[feature] - mean) * (step[feature] - mean);
            }
            double deviation = Math.sqrt(squares / features.length);
            for (int step = 0; step < out.length; step++) {
                double centred = features[step][feature] - mean;
                out[step][feature] = deviation < 1e-6 ? 0 : (float) (centred / deviation);
            }
        }
        return out;
    }
}
