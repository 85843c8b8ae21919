package org.gatefold.op.optimizer;

import org.gatefold.op.Arguments;

/** How an optimiser turns gradients into changes of parameters, in PyTorch's definitions. */
public sealed interface UpdateRule {
    /** How many floats of state a parameter needs. */
    int states();

    /**
     * Stochastic gradient descent: {@code v = momentum * v + (1 - dampening) * g} (v = g at the first step),
     * {@code w -= lr * v}, or {@code w -= lr * (g + momentum * v)} with Nesterov's momentum.
     */
    record Sgd(float momentum, float dampening, boolean nesterov) implements UpdateRule {
        public Sgd {
            Arguments.requireNotNegative("momentum", momentum);
            Arguments.requireNotNegative("dampening", dampening);
            if (nesterov && (momentum == 0f || dampening != 0f)) {
                throw new IllegalArgumentException("nesterov: expected momentum > 0 and dampening 0, got momentum "
                        + momentum + " and dampening " + dampening);
            }
        }

        @Override
        public int states() {
            return momentum > 0f ? 1 : 0;
        }
    }

    /**
     * RMSProp (Hinton, lecture 6e): {@code s = alpha * s + (1 - alpha) * g²}; centred, the square of the running mean of g
     * is subtracted (Graves 2013); {@code w -= lr * g / (sqrt(s) + epsilon)}, through a momentum buffer if momentum &gt;
     * 0. States in the order square average, gradient average (if centred), momentum (if any).
     */
    record RmsProp(float alpha, float epsilon, float momentum, boolean centered) implements UpdateRule {
        public RmsProp {
            Arguments.requireProbability("alpha", alpha);
            Arguments.requireNotNegative("epsilon", epsilon);
            Arguments.requireNotNegative("momentum", momentum);
        }

        @Override
        public int states() {
            return 1 + (centered ? 1 : 0) + (momentum > 0f ? 1 : 0);
        }
    }

    /**
     * Adam (Kingma and Ba 2015) with bias correction: {@code w -= lr / (1 - beta1^t) * m / (sqrt(v / (1 - beta2^t)) +
     * epsilon)}. With {@link Penalty#decoupled()} it is AdamW (Loshchilov and Hutter 2019). States m, v.
     */
    record Adam(float beta1, float beta2, float epsilon) implements UpdateRule {
        public Adam {
            Arguments.requireProbability("beta1", beta1);
            Arguments.requireProbability("beta2", beta2);
            Arguments.requireNotNegative("epsilon", epsilon);
        }

        @Override
        public int states() {
            return 2;
        }
    }

    /**
     * Penalties on the parameters.
     *
     * @param l1 adds {@code l1 * sign(w)} to the gradient
     * @param l2 adds {@code l2 * w} to the gradient; if decoupled, {@code w -= lr * l2 * w} instead, before the update
     * @param decoupled where l2 acts
     */
    record Penalty(float l1, float l2, boolean decoupled) {
        public static final Penalty NONE = new Penalty(0f, 0f, false);

        public Penalty {
            Arguments.requireNotNegative("l1", l1);
            Arguments.requireNotNegative("l2", l2);
        }
    }
}
