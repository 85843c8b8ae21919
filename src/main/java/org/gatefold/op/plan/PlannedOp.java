package org.gatefold.op.plan;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.Optional;
import org.gatefold.device.Operation;
import org.gatefold.device.Scope;
import org.gatefold.op.Footprint;
import org.gatefold.op.Mode;

/**
 * One implementation of an operation whose sizes are fixed before it runs: it plans what it can do and declines the rest
 * with a reason. Thread-safe.
 *
 * @param <S> what fixes sizes and options
 * @param <P> what runs
 */
public interface PlannedOp<S, P extends Plan> extends Operation {
    /** Why this implementation declines the spec; empty if it takes it. */
    Optional<String> unsupported(S spec, Mode mode);

    /** Memory that a plan will need, without making it. */
    Footprint footprint(S spec, Mode mode);

    /**
     * Makes a plan, whose memory comes from a child of {@code scope} and goes when the plan or the scope is closed.
     *
     * @throws IllegalArgumentException if {@link #unsupported} gives a reason
     */
    @MustBeClosed
    P plan(Scope scope, S spec, Mode mode);
}
