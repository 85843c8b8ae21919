package org.gatefold.train.optimizer;

import org.gatefold.op.optimizer.UpdateRule;

/**
 * Adagrad (Duchi 2011). Defaults: rate decay 0, initial accumulator 0, epsilon 1e-10, no penalties; PyTorch's learning rate is
 * 1e-2.
 *
 * @param learningRate at least 0
 * @param rule how gradients become changes
 * @param penalty on the weights
 */
public record Adagrad(float learningRate, UpdateRule.Adagrad rule, UpdateRule.Penalty penalty)
        implements Penalised<Adagrad> {
    public Adagrad {
        Optimizer.requireRate(learningRate);
    }

    public static Adagrad of(float learningRate) {
        return new Adagrad(learningRate, new UpdateRule.Adagrad(0f, 0f, 1e-10f), UpdateRule.Penalty.NONE);
    }

    /** The learning rate at update t is divided by {@code 1 + (t - 1) * value}. */
    public Adagrad rateDecay(float value) {
        return with(new UpdateRule.Adagrad(value, rule.initialAccumulator(), rule.epsilon()));
    }

    /** What the sums of squares start with. */
    public Adagrad initialAccumulator(float value) {
        return with(new UpdateRule.Adagrad(rule.rateDecay(), value, rule.epsilon()));
    }

    public Adagrad epsilon(float value) {
        return with(new UpdateRule.Adagrad(rule.rateDecay(), rule.initialAccumulator(), value));
    }

    @Override
    public Adagrad penalty(UpdateRule.Penalty value) {
        return new Adagrad(learningRate, rule, value);
    }

    private Adagrad with(UpdateRule.Adagrad value) {
        return new Adagrad(learningRate, value, penalty);
    }
}
