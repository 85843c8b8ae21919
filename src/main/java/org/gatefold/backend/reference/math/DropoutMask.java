package org.gatefold.backend.reference.math;

import org.gatefold.op.Philox;

/** The masks of {@link Philox}, applied to runs of elements; one thread at a time. */
public final class DropoutMask {
    private final int[] words = new int[4];

    /**
     * Drops elements with probability p and multiplies the others with {@code 1/(1-p)}, a float.
     *
     * @param first index of {@code values[from]} in the tensor that is masked
     */
    public void apply(float p, long seed, int stream, long first, float[] values, int from, int count) {
        float scale = 1f / (1f - p);
        long block = -1;
        for (int i = 0; i < count; i++) {
            long element = first + i;
            if (element >>> 2 != block) {
                block = element >>> 2;
                Philox.words(seed, stream, block, words);
            }
            boolean keep = Philox.uniform(words[(int) (element & 3)]) >= p;
            values[from + i] = keep ? values[from + i] * scale : 0f;
        }
    }
}
