package org.gatefold.train.optimizer;

import org.gatefold.op.optimizer.UpdateRule;

/**
 * The settings of an optimiser: a rule, penalties on the weights and a learning rate. Immutable; the state lives in the
 * training run. Every rule is PyTorch's of the same name, with its default values; {@link Lamb} is that of its paper.
 */
public sealed interface Optimizer permits Penalised {
    /** How gradients become changes. */
    UpdateRule rule();

    /** L1 and L2 penalties; they act on gradients and weights, and are not part of the reported loss. */
    UpdateRule.Penalty penalty();

    /** The learning rate before any schedule, at least 0. */
    float learningRate();

    /** Checks a learning rate; for the records that implement this. */
    static void requireRate(float learningRate) {
        if (!(learningRate >= 0f) || Float.isInfinite(learningRate)) {
            throw new IllegalArgumentException("learningRate: expected a finite value >= 0, got " + learningRate);
        }
    }
}
