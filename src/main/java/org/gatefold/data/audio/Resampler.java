package org.gatefold.data.audio;

/**
 * Brings samples from one rate to another: a sinc that a Kaiser window ends, whose cut-off lies below half the lower of both rates, so
 * that what the new rate cannot hold is taken away rather than folded back (Smith, Digital Audio Resampling, 2002; Kaiser and Schafer
 * 1980 for the window). One filter for each place that an output can have between two inputs. Immutable but for filters that are made when
 * first needed; one thread.
 */
final class Resampler {
    /** Zero crossings of the sinc to each side. */
    private static final int CROSSINGS = 64;

    /** Cut-off, as a part of half the lower rate. */
    private static final double ROLL_OFF = 0.94;

    /** Shape of the window: about -96 dB outside the pass band. */
    private static final double BETA = 9.6;

    private final int up;
    private final int down;
    private final double cutoff;
    private final int half;
    private final float[][] filters;

    private Resampler(int up, int down) {
        this.up = up;
        this.down = down;
        cutoff = ROLL_OFF * Math.min(1, (double) up / down);
        half = (int) Math.ceil(CROSSINGS / cutoff);
        filters = new float[up][];
    }

    /** Between rates in samples of a second, at least 1. */
    static Resampler of(int from, int to) {
        int common = greatestCommonDivisor(from, to);
        return new Resampler(to / common, from / common);
    }

    private static int greatestCommonDivisor(int a, int b) {
        return b == 0 ? a : greatestCommonDivisor(b, a % b);
    }

    /** The samples at the new rate: as many as begin in the time of the old ones. */
    float[] resample(float... samples) {
        float[] out = new float[Math.toIntExact(((long) samples.length * up + down - 1) / down)];
        for (int i = 0; i < out.length; i++) {
            long place = (long) i * down;
            int before = (int) (place / up);
            float[] filter = filter((int) (place % up));
            double sum = 0;
            int first = before - half + 1;
            int from = Math.max(0, -first);
            int to = Math.min(filter.length, samples.length - first);
            for (int tap = from; tap < to; tap++) {
                sum += (double) filter[tap] * samples[first + tap];
            }
            out[i] = (float) sum;
        }
        return out;
    }

    /** What the inputs around an output count that lies so many parts of {@code up} behind one of them. */
    private float[] filter(int phase) {
        if (filters[phase] == null) {
            double[] taps = new double[2 * half];
            double sum = 0;
            for (int tap = 0; tap < taps.length; tap++) {
                double apart = (double) phase / up - (tap - half + 1);
                double inside = apart / half;
                double window =
                        Math.abs(inside) >= 1 ? 0 : bessel(BETA * Math.sqrt(1 - inside * inside)) / bessel(BETA);
                taps[tap] = sinc(cutoff * apart) * window;
                sum += taps[tap];
            }
            // Each place between inputs passes on what does not change as it is.
            float[] filter = new float[taps.length];
            for (int tap = 0; tap < filter.length; tap++) {
                filter[tap] = (float) (taps[tap] / sum);
            }
            filters[phase] = filter;
        }
        return filters[phase];
    }

    private static double sinc(double x) {
        return x == 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    }

    /** The modified Bessel function of the first kind, order 0, by its series. */
    private static double bessel(double x) {
        double sum = 1;
        double term = 1;
        for (int k = 1; term > sum * 1e-17; k++) {
            term *= x * x / (4.0 * k * k);
            sum += term;
        }
        return sum;
    }
}
