package org.gatefold.op.recurrent;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.Optional;
import org.gatefold.device.Operation;
import org.gatefold.device.Scope;
import org.gatefold.op.Footprint;
import org.gatefold.op.Mode;
import org.gatefold.op.Philox;

/** One implementation of recurrent layers, which plans what it can do and declines the rest with a reason. Thread-safe. */
public interface RecurrentOp extends Operation {
    /** Why this implementation declines the spec; empty if it takes it. */
    Optional<String> unsupported(RecurrentSpec spec, Mode mode);

    /** Memory that a plan will need, without making it. */
    Footprint footprint(RecurrentSpec spec, Mode mode);

    /**
     * Makes a plan, whose memory comes from a child of {@code scope} and goes when the plan or the scope is closed.
     *
     * @throws IllegalArgumentException if {@link #unsupported} gives a reason
     */
    @MustBeClosed
    RecurrentPlan plan(Scope scope, RecurrentSpec spec, Mode mode);

    /**
     * True if dropout masks are those of {@link Philox}, as on every other such implementation. An implementation uses masks
     * of its own only where the user asked for them.
     */
    default boolean reproducibleDropout() {
        return true;
    }
}
