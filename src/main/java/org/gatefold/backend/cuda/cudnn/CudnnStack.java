package org.gatefold.backend.cuda.cudnn;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.op.Mode;
import org.gatefold.op.recurrent.RecurrentSpec;

/**
 * Layers of a plan that cuDNN runs in one call, and what it asks for them.
 *
 * <p>That is all of them, except where masks of our own stand between the layers: then it is one.
 *
 * @param firstLayer of the plan's spec
 * @param spec of these layers alone
 * @param weightBytes of the weight space
 * @param work bytes of the workspace, for all passes of the mode
 * @param reserve bytes of the reserve, in training
 */
record CudnnStack(int firstLayer, RecurrentSpec spec, long weightBytes, long work, long reserve) {

    /**
     * The specs of the stacks of a plan.
     *
     * @param reproducible masks are wanted, which cuDNN does not have
     */
    static List<RecurrentSpec> split(RecurrentSpec spec, Mode mode, boolean reproducible) {
        if (mode == Mode.INFERENCE || spec.dropout() == 0f || !reproducible) {
            return List.of(spec);
        }
        List<RecurrentSpec> specs = new ArrayList<>();
        for (int layer = 0; layer < spec.layers(); layer++) {
            specs.add(new RecurrentSpec(
                    spec.cell(),
                    spec.steps(),
                    spec.batch(),
                    spec.inputOf(layer),
                    spec.hiddenSize(),
                    1,
                    spec.direction(),
                    0f,
                    spec.options().withSkipInput(spec.skipsInput(layer)),
                    spec.recomputeSegment(),
                    spec.precision()));
        }
        return specs;
    }

    /** Index of the first weight set in the plan's. */
    int firstSet() {
        return firstLayer * spec.directions();
    }

    /** Elements of the states {@code [L·D, B, H]}, of which h has no more. */
    long stateElements() {
        return (long) spec.weightSets() * spec.batch() * spec.hiddenSize();
    }
}
