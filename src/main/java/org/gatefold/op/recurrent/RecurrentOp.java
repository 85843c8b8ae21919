package org.gatefold.op.recurrent;

import org.gatefold.op.Philox;
import org.gatefold.op.plan.PlannedOp;

/** One implementation of recurrent layers, which plans what it can do and declines the rest with a reason. Thread-safe. */
public interface RecurrentOp extends PlannedOp<RecurrentSpec, RecurrentPlan> {
    /** What all implementations share. */
    RecurrentFamily FAMILY = new RecurrentFamily();

    /**
     * True if dropout masks are those of {@link Philox}, as on every other such implementation. An implementation uses masks
     * of its own only where the user asked for them.
     */
    default boolean reproducibleDropout() {
        return true;
    }
}
