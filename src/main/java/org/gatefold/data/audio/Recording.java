package org.gatefold.data.audio;

/**
 * A recording of one channel. Immutable as long as nobody writes its samples.
 *
 * @param rate samples of a second
 * @param samples of full scale -1 to 1
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Recording(int rate, float[] samples) {
    /** More than any file has: 1 MHz. */
    static final int MOST_RATE = 1_000_000;

    public Recording {
        if (rate < 1 || rate > MOST_RATE) {
            throw new IllegalArgumentException("rate: expected 1 to " + MOST_RATE + " Hz, got " + rate);
        }
    }

    /** How long it is. */
    public double seconds() {
        return (double) samples.length / rate;
    }

    /** This recording at another rate. */
    public Recording at(int newRate) {
        return newRate == rate
                ? this
                : new Recording(newRate, Resampler.of(rate, newRate).resample(samples));
    }
}
