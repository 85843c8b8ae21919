package org.gatefold.backend.cuda.recurrent.persistent;

import java.util.Optional;
import org.gatefold.backend.cuda.recurrent.fused.FusedSize;
import org.gatefold.backend.cuda.recurrent.fused.FusedStepKernels;

/**
 * Stretches of steps of one launch each; backward one launch a step where there is no room for the weights.
 *
 * @param <G> how a launch is spread over the card
 */
abstract class StretchStepKernels<G> extends FusedStepKernels {
    final Optional<G> forward;
    final Optional<G> backward;

    /** The address of a word that is set where blocks wait in vain. */
    final long alarm;

    StretchStepKernels(Setting setting, Optional<G> forward, Optional<G> backward, long alarm) {
        super(setting, FusedSize.of(setting.spec()));
        this.forward = forward;
        this.backward = backward;
        this.alarm = alarm;
    }

    @Override
    protected final boolean wholeForward() {
        return forward.isPresent();
    }

    @Override
    protected final boolean wholeBackward() {
        return backward.isPresent();
    }
}
