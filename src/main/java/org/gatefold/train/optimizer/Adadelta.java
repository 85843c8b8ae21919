package org.gatefold.train.optimizer;

import org.gatefold.op.optimizer.UpdateRule;

/**
 * Adadelta (Zeiler 2012). Defaults: rho 0.9, epsilon 1e-6, no penalties; PyTorch's learning rate is 1.
 *
 * @param learningRate at least 0
 * @param rule how gradients become changes
 * @param penalty on the weights
 */
public record Adadelta(float learningRate, UpdateRule.Adadelta rule, UpdateRule.Penalty penalty)
        implements Penalised<Adadelta> {
    public Adadelta {
        Optimizer.requireRate(learningRate);
    }

    public static Adadelta of(float learningRate) {
        return new Adadelta(learningRate, new UpdateRule.Adadelta(0.9f, 1e-6f), UpdateRule.Penalty.NONE);
    }

    /** Decay of both running means, 0 to below 1. */
    public Adadelta rho(float value) {
        return with(new UpdateRule.Adadelta(value, rule.epsilon()));
    }

    public Adadelta epsilon(float value) {
        return with(new UpdateRule.Adadelta(rule.rho(), value));
    }

    @Override
    public Adadelta penalty(UpdateRule.Penalty value) {
        return new Adadelta(learningRate, rule, value);
    }

    private Adadelta with(UpdateRule.Adadelta value) {
        return new Adadelta(learningRate, value, penalty);
    }
}
