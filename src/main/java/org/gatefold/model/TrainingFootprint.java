package org.gatefold.model;

/**
 * Memory of training in bytes, computed before the first step. Targets, loss and optimiser come on top:
 * {@link #withOptimizerStates} adds the last.
 *
 * @param parameters the flat parameter buffer
 * @param gradients the flat gradient buffer
 * @param optimizer states of the optimiser
 * @param plans packed weights and workspace of recurrent layers
 * @param step the arena of a step: input with its lengths, activations, their gradients and what the backward pass needs
 */
public record TrainingFootprint(long parameters, long gradients, long optimizer, long plans, long step) {
    /** With so many numbers of optimiser state per parameter, 2 for Adam. */
    public TrainingFootprint withOptimizerStates(int states) {
        return new TrainingFootprint(parameters, gradients, states * parameters, plans, step);
    }

    public long total() {
        return parameters + gradients + optimizer + plans + step;
    }
}
