package org.gatefold.train.optimizer;

import org.gatefold.op.optimizer.UpdateRule;

/**
 * Stochastic gradient descent, with momentum if asked for. Defaults: momentum 0, dampening 0, not Nesterov, no penalties.
 *
 * @param learningRate at least 0
 * @param momentum at least 0
 * @param dampening at least 0; the part of the gradient that does not enter the momentum
 * @param nesterov looks ahead by the momentum; needs momentum and no dampening
 * @param l1 adds {@code l1 * sign(w)} to the gradient
 * @param l2 adds {@code l2 * w} to the gradient
 */
public record Sgd(float learningRate, float momentum, float dampening, boolean nesterov, float l1, float l2)
        implements Optimizer {
    public Sgd {
        Optimizer.requireRate(learningRate);
        new UpdateRule.Sgd(momentum, dampening, nesterov);
        new UpdateRule.Penalty(l1, l2, false);
    }

    public static Sgd of(float learningRate) {
        return new Sgd(learningRate, 0f, 0f, false, 0f, 0f);
    }

    public Sgd momentum(float value) {
        return new Sgd(learningRate, value, dampening, nesterov, l1, l2);
    }

    public Sgd dampening(float value) {
        return new Sgd(learningRate, momentum, value, nesterov, l1, l2);
    }

    /** Momentum of the given strength in Nesterov's form. */
    public Sgd nesterov(float value) {
        return new Sgd(learningRate, value, 0f, true, l1, l2);
    }

    public Sgd l1(float value) {
        return new Sgd(learningRate, momentum, dampening, nesterov, value, l2);
    }

    public Sgd l2(float value) {
        return new Sgd(learningRate, momentum, dampening, nesterov, l1, value);
    }

    @Override
    public UpdateRule rule() {
        return new UpdateRule.Sgd(momentum, dampening, nesterov);
    }

    @Override
    public UpdateRule.Penalty penalty() {
        return new UpdateRule.Penalty(l1, l2, false);
    }
}
