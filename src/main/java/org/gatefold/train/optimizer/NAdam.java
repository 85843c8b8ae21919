package org.gatefold.train.optimizer;

import org.gatefold.op.optimizer.UpdateRule;

/**
 * NAdam (Dozat 2016): Adam with Nesterov's momentum. Defaults: beta1 0.9, beta2 0.999, epsilon 1e-8, momentum decay 4e-3, no
 * penalties; PyTorch's learning rate is 2e-3.
 *
 * @param learningRate at least 0
 * @param rule how gradients become changes
 * @param penalty on the weights
 */
public record NAdam(float learningRate, UpdateRule.NAdam rule, UpdateRule.Penalty penalty) implements Penalised<NAdam> {
    public NAdam {
        Optimizer.requireRate(learningRate);
    }

    public static NAdam of(float learningRate) {
        return new NAdam(learningRate, new UpdateRule.NAdam(0.9f, 0.999f, 1e-8f, 4e-3f), UpdateRule.Penalty.NONE);
    }

    public NAdam betas(float first, float second) {
        return with(new UpdateRule.NAdam(first, second, rule.epsilon(), rule.momentumDecay()));
    }

    public NAdam epsilon(float value) {
        return with(new UpdateRule.NAdam(rule.beta1(), rule.beta2(), value, rule.momentumDecay()));
    }

    /** How fast beta1 grows to its full value. */
    public NAdam momentumDecay(float value) {
        return with(new UpdateRule.NAdam(rule.beta1(), rule.beta2(), rule.epsilon(), value));
    }

    @Override
    public NAdam penalty(UpdateRule.Penalty value) {
        return new NAdam(learningRate, rule, value);
    }

    private NAdam with(UpdateRule.NAdam value) {
        return new NAdam(learningRate, value, penalty);
    }
}
