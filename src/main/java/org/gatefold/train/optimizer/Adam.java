package org.gatefold.train.optimizer;

import org.gatefold.op.optimizer.UpdateRule;

/**
 * Adam (Kingma and Ba 2015). Defaults: beta1 0.9, beta2 0.999, epsilon 1e-8, no penalties; {@link AdamW} is Adam with weight
 * decay.
 *
 * @param learningRate at least 0
 * @param rule how gradients become changes
 * @param penalty on the weights
 */
public record Adam(float learningRate, UpdateRule.Adam rule, UpdateRule.Penalty penalty) implements Penalised<Adam> {
    public Adam {
        Optimizer.requireRate(learningRate);
    }

    public static Adam of(float learningRate) {
        return new Adam(learningRate, new UpdateRule.Adam(0.9f, 0.999f, 1e-8f), UpdateRule.Penalty.NONE);
    }

    public Adam betas(float first, float second) {
        return with(new UpdateRule.Adam(first, second, rule.epsilon()));
    }

    public Adam epsilon(float value) {
        return with(new UpdateRule.Adam(rule.beta1(), rule.beta2(), value));
    }

    @Override
    public Adam penalty(UpdateRule.Penalty value) {
        return new Adam(learningRate, rule, value);
    }

    private Adam with(UpdateRule.Adam value) {
        return new Adam(learningRate, value, penalty);
    }
}
