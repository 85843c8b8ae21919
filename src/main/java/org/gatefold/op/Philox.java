package org.gatefold.op;

/**
 * Philox4x32-10, the counter-based random numbers of Salmon et al. 2011 ("Parallel random numbers: as easy as 1, 2, 3"):
 * one source of masks and initial weights that is the same on every backend and for every number of threads.
 *
 * <p>Word {@code e % 4} of the block with counter {@code (e/4 low, e/4 high, stream, 0)} and key {@code (seed low, seed
 * high)} belongs to element {@code e}.
 */
public final class Philox {
    private static final int MULTIPLIER_0 = 0xD2511F53;
    private static final int MULTIPLIER_1 = 0xCD9E8D57;
    private static final int WEYL_0 = 0x9E3779B9;
    private static final int WEYL_1 = 0xBB67AE85;
    private static final int ROUNDS = 10;

    private Philox() {}

    /** The four words of one block, written to {@code words[0..3]}. */
    public static void block(int c0, int c1, int c2, int c3, int k0, int k1, int[] words) {
        for (int round = 0; round < ROUNDS; round++) {
            long product0 = (MULTIPLIER_0 & 0xFFFFFFFFL) * (c0 & 0xFFFFFFFFL);
            long product1 = (MULTIPLIER_1 & 0xFFFFFFFFL) * (c2 & 0xFFFFFFFFL);
            int next0 = (int) (product1 >>> 32) ^ c1 ^ k0;
            int next2 = (int) (product0 >>> 32) ^ c3 ^ k1;
            c1 = (int) product1;
            c3 = (int) product0;
            c0 = next0;
            c2 = next2;
            k0 += WEYL_0;
            k1 += WEYL_1;
        }
        words[0] = c0;
        words[1] = c1;
        words[2] = c2;
        words[3] = c3;
    }

    /** The four words for elements {@code 4 * index} to {@code 4 * index + 3} of a stream. */
    public static void words(long seed, int stream, long index, int[] words) {
        block((int) index, (int) (index >>> 32), stream, 0, (int) seed, (int) (seed >>> 32), words);
    }

    /** A word as a number in [0, 1): its upper 24 bits. */
    public static float uniform(int word) {
        return (word >>> 8) * 0x1p-24f;
    }

    /** A seed derived from another and two numbers, well mixed (SplitMix64's finaliser, Steele et al. 2014). */
    public static long derive(long seed, long first, long second) {
        return mix(mix(mix(seed) + 0x9E3779B97F4A7C15L * (first + 1)) + 0xBF58476D1CE4E5B9L * (second + 1));
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
