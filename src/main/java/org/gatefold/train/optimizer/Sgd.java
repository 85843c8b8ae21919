package org.gatefold.train.optimizer;

import org.gatefold.op.optimizer.UpdateRule;

/**
 * Stochastic gradient descent, with momentum if asked for. Defaults: momentum 0, dampening 0, not Nesterov, no penalties.
 *
 * @param learningRate at least 0
 * @param rule how gradients become changes
 * @param penalty on the weights
 */
public record Sgd(float learningRate, UpdateRule.Sgd rule, UpdateRule.Penalty penalty) implements Penalised<Sgd> {
    public Sgd {
        Optimizer.requireRate(learningRate);
    }

    public static Sgd of(float learningRate) {
        return new Sgd(learningRate, new UpdateRule.Sgd(0f, 0f, false), UpdateRule.Penalty.NONE);
    }

    public Sgd momentum(float value) {
        return with(new UpdateRule.Sgd(value, rule.dampening(), rule.nesterov()));
    }

    /** The part of the gradient that does not enter the momentum. */
    public Sgd dampening(float value) {
        return with(new UpdateRule.Sgd(rule.momentum(), value, rule.nesterov()));
    }

    /** Momentum of the given strength in Nesterov's form. */
    public Sgd nesterov(float value) {
        return with(new UpdateRule.Sgd(value, 0f, true));
    }

    @Override
    public Sgd penalty(UpdateRule.Penalty value) {
        return new Sgd(learningRate, rule, value);
    }

    private Sgd with(UpdateRule.Sgd value) {
        return new Sgd(learningRate, value, penalty);
    }
}
