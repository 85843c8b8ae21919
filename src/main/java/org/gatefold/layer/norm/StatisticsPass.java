package org.gatefold.layer.norm;

import java.util.IdentityHashMap;

/**
 * A pass over data in which {@link BatchNorm} layers find their running statistics anew: the mean of those of all batches, each by what
 * comes in with the weights that are there; PyTorch's {@code update_bn}. Attached to a context for inference, so that nothing is dropped and
 * nothing is kept for a way back. One thread.
 */
public final class StatisticsPass {
    private final IdentityHashMap<BatchNorm, Integer> batches = new IdentityHashMap<>();

    /** Whether a layer has found statistics. */
    public boolean found() {
        return !batches.isEmpty();
    }

    /** The share of the batch at hand in a layer's mean over batches. */
    float share(BatchNorm layer) {
        return 1f / batches.merge(layer, 1, Integer::sum);
    }
}
