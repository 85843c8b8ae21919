package org.gatefold.op.recurrent;

import org.gatefold.tensor.Tensor;

/**
 * What a training forward pass keeps for its backward pass. Made by {@link RecurrentPlan#reserve}; lives in the scope it
 * was made in; filled by forward, used up by backward.
 */
public final class Reserve {
    private final RecurrentPlan plan;
    private final Tensor memory;
    private boolean filled;
    private long seed;

    Reserve(RecurrentPlan plan, Tensor memory) {
        this.plan = plan;
        this.memory = memory;
    }

    /** The memory, in a layout that only its implementation knows. */
    public Tensor memory() {
        return memory;
    }

    /** The seed of the dropout masks of the forward pass that filled this reserve. */
    public long seed() {
        return seed;
    }

    void filledBy(RecurrentPlan writer, long dropoutSeed) {
        requirePlan(writer);
        filled = true;
        seed = dropoutSeed;
    }

    void requireFilled(RecurrentPlan reader) {
        requirePlan(reader);
        if (!filled) {
            throw new IllegalStateException(
                    "reserve: holds no forward pass; run forward before every backward, which uses the reserve up");
        }
    }

    void usedUp() {
        filled = false;
    }

    void requirePlan(RecurrentPlan user) {
        if (user != plan) {
            throw new IllegalArgumentException("reserve: was made by another plan");
        }
        memory.requireAlive();
    }
}
