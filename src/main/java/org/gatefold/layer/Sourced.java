package org.gatefold.layer;

import org.gatefold.autograd.Variable;

/** A layer that may read a second sequence beside its input, its source, such as what an encoder gives a decoder to attend to. */
public interface Sourced {
    /**
     * A pass over one sequence that reads another.
     *
     * @param x of the layer's input form
     * @param source of the same form; may have other steps and lengths, of as many rows
     * @return of the layer's output form, with the steps and lengths of x
     */
    Variable forward(Context context, Variable x, Variable source);

    /**
     * Adds what a training step takes to {@code memory}, where both sequences have gradients.
     *
     * @param steps of x
     * @param sourceSteps of the source
     */
    void footprint(StepMemory memory, int steps, int sourceSteps, int batch);
}
