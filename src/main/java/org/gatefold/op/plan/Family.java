package org.gatefold.op.plan;

import java.util.List;
import java.util.function.BiFunction;
import org.gatefold.device.Operation;
import org.gatefold.device.Scope;
import org.gatefold.op.Mode;
import org.gatefold.op.verify.Check;
import org.gatefold.op.verify.Workbench;

/**
 * What all implementations of one planned operation share: a name, and how they are compared. Stateless.
 *
 * @param <O> the contract
 * @param <S> its spec
 * @param <P> its plan
 */
public interface Family<O extends PlannedOp<S, P>, S, P extends Plan> {
    /** The name in {@code -Dgatefold.use=NAME:IMPLEMENTATION} and in records, for instance {@code "recurrent"}. */
    String name();

    /** The contract that implementations are asked for by. */
    Class<O> contract();

    /** The class of specs in which one decision between implementations holds, in words. */
    String shapes(S spec, Mode mode);

    /**
     * Comparisons with the oracle that tell whether a candidate computes a spec rightly; as small as may be, since the
     * oracle is slow. They run in this order up to the first that fails.
     */
    List<Trial<O>> trials(O candidate, S spec, Mode mode);

    /**
     * Arguments for timing a spec, or a smaller one that takes time in proportion.
     *
     * @return makes one pass of a candidate on these arguments; plan and reserve go with the scope given
     */
    BiFunction<O, Scope, Runnable> passes(S spec, Mode mode, Workbench bench);

    /** An implementation's name in records, such as {@code "recurrent:cuda.steps"}: unique among all families. */
    default String qualified(O implementation) {
        return name() + ":" + implementation.name();
    }

    /**
     * One comparison with an oracle.
     *
     * @param limit the relative error that is allowed
     */
    record Trial<O extends Operation>(Check<O> check, double limit) {}
}
