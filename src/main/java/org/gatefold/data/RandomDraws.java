package org.gatefold.data;

/**
 * Random numbers by SplitMix64 (Steele, Lea and Flood 2014): the same from the same seed and place on every Java release. Not
 * thread-safe.
 */
public final class RandomDraws {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private long state;

    /**
     * @param seed of all draws
     * @param place which of many sequences of one seed, such as an epoch
     */
    public RandomDraws(long seed, long place) {
        state = seed * GOLDEN + place;
        state = next();
    }

    /** 64 random bits. */
    public long next() {
        state += GOLDEN;
        long z = (state ^ (state >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** Uniform in 0 to {@code bound - 1}: the upper half of a product of 32 random bits (bias below 2^-20 for bounds below 4096). */
    public int below(int bound) {
        return (int) (((next() >>> 32) * bound) >>> 32);
    }

    /** Uniform in {@code from} to below {@code to}. */
    public double between(double from, double to) {
        return from + (to - from) * (next() >>> 11) * 0x1p-53;
    }
}
