package org.gatefold.train.optimizer;

import org.gatefold.op.optimizer.UpdateRule;

/**
 * Adam. Defaults: beta1 0.9, beta2 0.999, epsilon 1e-8, no penalties. Its l2 is part of the gradient; {@link AdamW} takes
 * it apart.
 *
 * @param learningRate at least 0
 * @param beta1 decay of the running mean gradient, 0 to below 1
 * @param beta2 decay of the running mean of squared gradients, 0 to below 1
 * @param epsilon added to the root
 * @param l1 adds {@code l1 * sign(w)} to the gradient
 * @param l2 adds {@code l2 * w} to the gradient
 */
public record Adam(float learningRate, float beta1, float beta2, float epsilon, float l1, float l2)
        implements Optimizer {
    public Adam {
        Optimizer.requireRate(learningRate);
        new UpdateRule.Adam(beta1, beta2, epsilon);
        new UpdateRule.Penalty(l1, l2, false);
    }

    public static Adam of(float learningRate) {
        return new Adam(learningRate, 0.9f, 0.999f, 1e-8f, 0f, 0f);
    }

    public Adam betas(float first, float second) {
        return new Adam(learningRate, first, second, epsilon, l1, l2);
    }

    public Adam epsilon(float value) {
        return new Adam(learningRate, beta1, beta2, value, l1, l2);
    }

    public Adam l1(float value) {
        return new Adam(learningRate, beta1, beta2, epsilon, value, l2);
    }

    public Adam l2(float value) {
        return new Adam(learningRate, beta1, beta2, epsilon, l1, value);
    }

    @Override
    public UpdateRule rule() {
        return new UpdateRule.Adam(beta1, beta2, epsilon);
    }

    @Override
    public UpdateRule.Penalty penalty() {
        return new UpdateRule.Penalty(l1, l2, false);
    }
}
