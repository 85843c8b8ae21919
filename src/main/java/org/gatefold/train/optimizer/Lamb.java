package org.gatefold.train.optimizer;

import org.gatefold.op.optimizer.UpdateRule;

/**
 * LAMB (You 2020), for large batches: Adam whose change of each parameter tensor is scaled to the norm of the tensor. Defaults:
 * beta1 0.9, beta2 0.999, epsilon 1e-6, weight decay 0.01, which is part of what is scaled.
 *
 * @param learningRate at least 0
 * @param rule how gradients become changes
 * @param penalty on the weights
 */
public record Lamb(float learningRate, UpdateRule.Lamb rule, UpdateRule.Penalty penalty) implements Penalised<Lamb> {
    public Lamb {
        Optimizer.requireRate(learningRate);
    }

    public static Lamb of(float learningRate) {
        return new Lamb(
                learningRate, new UpdateRule.Lamb(0.9f, 0.999f, 1e-6f), new UpdateRule.Penalty(0f, 0.01f, true));
    }

    public Lamb betas(float first, float second) {
        return with(new UpdateRule.Lamb(first, second, rule.epsilon()));
    }

    public Lamb epsilon(float value) {
        return with(new UpdateRule.Lamb(rule.beta1(), rule.beta2(), value));
    }

    @Override
    public Lamb penalty(UpdateRule.Penalty value) {
        return new Lamb(learningRate, rule, value);
    }

    private Lamb with(UpdateRule.Lamb value) {
        return new Lamb(learningRate, value, penalty);
    }
}
