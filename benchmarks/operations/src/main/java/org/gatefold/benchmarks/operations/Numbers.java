package org.gatefold.benchmarks.operations;

import java.util.Random;

/** Numbers at random, the same in every run. Stateless. */
final class Numbers {
    private Numbers() {}

    /** Numbers from -0.5 to 0.5. */
    static float[] floats(long count, long seed) {
        Random random = new Random(seed);
        float[] values = new float[Math.toIntExact(count)];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return values;
    }

    /** Whole numbers from {@code from} to below {@code end}. */
    static int[] ints(long count, int from, int end, long seed) {
        Random random = new Random(seed);
        int[] values = new int[Math.toIntExact(count)];
        for (int i = 0; i < values.length; i++) {
            values[i] = from + random.nextInt(end - from);
        }
        return values;
    }
}
