package org.gatefold.train.optimizer;

import org.gatefold.op.optimizer.UpdateRule.Penalty;

/**
 * What all optimisers say alike of their penalties: each method gives the same optimiser with another one.
 *
 * @param <O> the optimiser itself
 */
public sealed interface Penalised<O extends Optimizer> extends Optimizer
        permits Adadelta, Adagrad, Adam, AdaMax, Lamb, NAdam, RmsProp, Sgd {
    /** The same optimiser with these penalties. */
    O penalty(Penalty value);

    /** Adds {@code value * sign(w)} to the gradient. */
    default O l1(float value) {
        return penalty(new Penalty(value, penalty().l2(), penalty().decoupled()));
    }

    /** Adds {@code value * w} to the gradient, in place of any {@link #weightDecay}. */
    default O l2(float value) {
        return penalty(new Penalty(penalty().l1(), value, false));
    }

    /**
     * Weights shrink apart from the gradient (Loshchilov and Hutter 2019): {@code w -= lr * value * w} before each update, in
     * place of any {@link #l2}.
     */
    default O weightDecay(float value) {
        return penalty(new Penalty(penalty().l1(), value, true));
    }
}
