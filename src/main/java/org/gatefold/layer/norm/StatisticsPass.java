package org.gatefold.layer.norm;

import java.util.IdentityHashMap;

/**
 * A pass over data in which batch normalisations find their running statistics anew: the mean of those of all batches, each by what
 * comes in with the weights that are there; PyTorch's {@code update_bn}. Attached to a context for inference, so that nothing is dropped and
 * nothing is kept for a way back. One thread.
 */
public final class StatisticsPass {
    private final IdentityHashMap<Object, Integer> batches = new IdentityHashMap<>();

    /** Whether a layer has found statistics. */
    public boolean found() {
        return !batches.isEmpty();
    }

    /**
     * The share of the batch at hand in a mean over batches.
     *
     * @param statistics whose mean it is, by identity
     */
    public float share(Object statistics) {
        return 1f / batches.merge(statistics, 1, Integer::sum);
    }
}
