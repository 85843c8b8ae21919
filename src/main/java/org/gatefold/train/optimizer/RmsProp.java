package org.gatefold.train.optimizer;

import org.gatefold.op.optimizer.UpdateRule;

/**
 * RMSProp (Hinton, lecture 6e). Defaults: alpha 0.99, epsilon 1e-8, momentum 0, not centred, no penalties.
 *
 * @param learningRate at least 0
 * @param rule how gradients become changes
 * @param penalty on the weights
 */
public record RmsProp(float learningRate, UpdateRule.RmsProp rule, UpdateRule.Penalty penalty)
        implements Penalised<RmsProp> {
    public RmsProp {
        Optimizer.requireRate(learningRate);
    }

    public static RmsProp of(float learningRate) {
        return new RmsProp(learningRate, new UpdateRule.RmsProp(0.99f, 1e-8f, 0f, false), UpdateRule.Penalty.NONE);
    }

    /** Decay of the running mean of squared gradients, 0 to below 1. */
    public RmsProp alpha(float value) {
        return with(new UpdateRule.RmsProp(value, rule.epsilon(), rule.momentum(), rule.centered()));
    }

    public RmsProp epsilon(float value) {
        return with(new UpdateRule.RmsProp(rule.alpha(), value, rule.momentum(), rule.centered()));
    }

    public RmsProp momentum(float value) {
        return with(new UpdateRule.RmsProp(rule.alpha(), rule.epsilon(), value, rule.centered()));
    }

    /** Divides by the standard deviation of the gradient instead of its root mean square. */
    public RmsProp centred() {
        return with(new UpdateRule.RmsProp(rule.alpha(), rule.epsilon(), rule.momentum(), true));
    }

    @Override
    public RmsProp penalty(UpdateRule.Penalty value) {
        return new RmsProp(learningRate, rule, value);
    }

    private RmsProp with(UpdateRule.RmsProp value) {
        return new RmsProp(learningRate, value, penalty);
    }
}
