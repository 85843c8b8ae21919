package org.gatefold.train.optimizer;

import org.gatefold.op.optimizer.UpdateRule;

/**
 * RMSProp. Defaults: alpha 0.99, epsilon 1e-8, momentum 0, not centred, no penalties.
 *
 * @param learningRate at least 0
 * @param alpha decay of the running mean of squared gradients, 0 to below 1
 * @param epsilon added to the root
 * @param momentum at least 0
 * @param centered subtracts the square of the running mean gradient
 * @param l1 adds {@code l1 * sign(w)} to the gradient
 * @param l2 adds {@code l2 * w} to the gradient
 */
public record RmsProp(
        float learningRate, float alpha, float epsilon, float momentum, boolean centered, float l1, float l2)
        implements Optimizer {
    public RmsProp {
        Optimizer.requireRate(learningRate);
        new UpdateRule.RmsProp(alpha, epsilon, momentum, centered);
        new UpdateRule.Penalty(l1, l2, false);
    }

    public static RmsProp of(float learningRate) {
        return new RmsProp(learningRate, 0.99f, 1e-8f, 0f, false, 0f, 0f);
    }

    public RmsProp alpha(float value) {
        return new RmsProp(learningRate, value, epsilon, momentum, centered, l1, l2);
    }

    public RmsProp epsilon(float value) {
        return new RmsProp(learningRate, alpha, value, momentum, centered, l1, l2);
    }

    public RmsProp momentum(float value) {
        return new RmsProp(learningRate, alpha, epsilon, value, centered, l1, l2);
    }

    /** Divides by the standard deviation of the gradient instead of its root mean square. */
    public RmsProp centred() {
        return new RmsProp(learningRate, alpha, epsilon, momentum, true, l1, l2);
    }

    public RmsProp l1(float value) {
        return new RmsProp(learningRate, alpha, epsilon, momentum, centered, value, l2);
    }

    public RmsProp l2(float value) {
        return new RmsProp(learningRate, alpha, epsilon, momentum, centered, l1, value);
    }

    @Override
    public UpdateRule rule() {
        return new UpdateRule.RmsProp(alpha, epsilon, momentum, centered);
    }

    @Override
    public UpdateRule.Penalty penalty() {
        return new UpdateRule.Penalty(l1, l2, false);
    }
}
