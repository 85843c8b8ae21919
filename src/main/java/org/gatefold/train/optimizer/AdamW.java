package org.gatefold.train.optimizer;

import org.gatefold.op.optimizer.UpdateRule;

/**
 * Adam with decoupled weight decay: {@code w -= lr * weightDecay * w} before each update. Defaults: beta1 0.9, beta2 0.999,
 * epsilon 1e-8, weight decay 0.01, no L1.
 *
 * @param learningRate at least 0
 * @param beta1 decay of the running mean gradient, 0 to below 1
 * @param beta2 decay of the running mean of squared gradients, 0 to below 1
 * @param epsilon added to the root
 * @param weightDecay at least 0
 * @param l1 adds {@code l1 * sign(w)} to the gradient
 */
public record AdamW(float learningRate, float beta1, float beta2, float epsilon, float weightDecay, float l1)
        implements Optimizer {
    public AdamW {
        Optimizer.requireRate(learningRate);
        new UpdateRule.Adam(beta1, beta2, epsilon);
        new UpdateRule.Penalty(l1, weightDecay, true);
    }

    public static AdamW of(float learningRate) {
        return new AdamW(learningRate, 0.9f, 0.999f, 1e-8f, 0.01f, 0f);
    }

    public AdamW betas(float first, float second) {
        return new AdamW(learningRate, first, second, epsilon, weightDecay, l1);
    }

    public AdamW epsilon(float value) {
        return new AdamW(learningRate, beta1, beta2, value, weightDecay, l1);
    }

    public AdamW weightDecay(float value) {
        return new AdamW(learningRate, beta1, beta2, epsilon, value, l1);
    }

    public AdamW l1(float value) {
        return new AdamW(learningRate, beta1, beta2, epsilon, weightDecay, value);
    }

    @Override
    public UpdateRule rule() {
        return new UpdateRule.Adam(beta1, beta2, epsilon);
    }

    @Override
    public UpdateRule.Penalty penalty() {
        return new UpdateRule.Penalty(l1, weightDecay, true);
    }
}
