package org.gatefold.train.optimizer;

import org.gatefold.op.optimizer.UpdateRule;

/**
 * AdaMax (Kingma and Ba 2015): Adam by the infinity norm. Defaults: beta1 0.9, beta2 0.999, epsilon 1e-8, no penalties; PyTorch's
 * learning rate is 2e-3.
 *
 * @param learningRate at least 0
 * @param rule how gradients become changes
 * @param penalty on the weights
 */
public record AdaMax(float learningRate, UpdateRule.AdaMax rule, UpdateRule.Penalty penalty)
        implements Penalised<AdaMax> {
    public AdaMax {
        Optimizer.requireRate(learningRate);
    }

    public static AdaMax of(float learningRate) {
        return new AdaMax(learningRate, new UpdateRule.AdaMax(0.9f, 0.999f, 1e-8f), UpdateRule.Penalty.NONE);
    }

    public AdaMax betas(float first, float second) {
        return with(new UpdateRule.AdaMax(first, second, rule.epsilon()));
    }

    public AdaMax epsilon(float value) {
        return with(new UpdateRule.AdaMax(rule.beta1(), rule.beta2(), value));
    }

    @Override
    public AdaMax penalty(UpdateRule.Penalty value) {
        return new AdaMax(learningRate, rule, value);
    }

    private AdaMax with(UpdateRule.AdaMax value) {
        return new AdaMax(learningRate, value, penalty);
    }
}
