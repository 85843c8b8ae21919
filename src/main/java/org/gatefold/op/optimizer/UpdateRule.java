package org.gatefold.op.optimizer;

import org.gatefold.op.Arguments;

/** How an optimiser turns gradients into changes of parameters, in PyTorch's definitions. */
public sealed interface UpdateRule {
    /** How many floats of state a parameter needs: two, for means of gradients and of their sizes, unless a rule says otherwise. */
    default int states() {
        return 2;
    }

    /** What every state element is before the first update. */
    default float initialState() {
        return 0f;
    }

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
            requireBetas(beta1, beta2);
            Arguments.requireNotNegative("epsilon", epsilon);
        }
    }

    /**
     * Adagrad (Duchi 2011): {@code s += g²; w -= lr_t * g / (sqrt(s) + epsilon)} with {@code lr_t = lr / (1 + (t - 1) *
     * rateDecay)}, also in a decoupled penalty. State s, which starts with {@code initialAccumulator}.
     */
    record Adagrad(float rateDecay, float initialAccumulator, float epsilon) implements UpdateRule {
        public Adagrad {
            Arguments.requireNotNegative("rateDecay", rateDecay);
            Arguments.requireNotNegative("initialAccumulator", initialAccumulator);
            Arguments.requireNotNegative("epsilon", epsilon);
        }

        /** The learning rate at an update, counted from 1. */
        public double rate(double learningRate, long step) {
            return learningRate / (1 + (step - 1) * (double) rateDecay);
        }

        @Override
        public int states() {
            return 1;
        }

        @Override
        public float initialState() {
            return initialAccumulator;
        }
    }

    /**
     * Adadelta (Zeiler 2012): {@code s = rho * s + (1 - rho) * g²; d = sqrt(u + epsilon) / sqrt(s + epsilon) * g;
     * u = rho * u + (1 - rho) * d²; w -= lr * d}. States s, u.
     */
    record Adadelta(float rho, float epsilon) implements UpdateRule {
        public Adadelta {
            Arguments.requireProbability("rho", rho);
            Arguments.requirePositive("epsilon", epsilon);
        }
    }

    /**
     * NAdam (Dozat 2016): Adam with Nesterov's momentum. With {@code c_t = beta1 * (1 - 0.96^(t * momentumDecay) / 2)} and
     * their products {@code C_t = c_1 * … * c_t}: {@code w -= lr * (c_(t+1) / (1 - C_(t+1)) * m + (1 - c_t) / (1 - C_t) * g)
     * / (sqrt(v / (1 - beta2^t)) + epsilon)}. States m, v, as Adam's. {@link NadamMomentum} gives the factors.
     */
    record NAdam(float beta1, float beta2, float epsilon, float momentumDecay) implements UpdateRule {
        public NAdam {
            requireBetas(beta1, beta2);
            Arguments.requireNotNegative("epsilon", epsilon);
            Arguments.requireNotNegative("momentumDecay", momentumDecay);
        }
    }

    /**
     * AdaMax (Kingma and Ba 2015): {@code m = beta1 * m + (1 - beta1) * g; u = max(beta2 * u, |g| + epsilon);
     * w -= lr / (1 - beta1^t) * m / u}. States m, u.
     */
    record AdaMax(float beta1, float beta2, float epsilon) implements UpdateRule {
        public AdaMax {
            requireBetas(beta1, beta2);
            Arguments.requirePositive("epsilon", epsilon);
        }
    }

    /**
     * LAMB (You 2020, algorithm 2 with the identity for phi): with m and v as Adam's and, over all of one parameter tensor,
     * {@code r = m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon) + l2 * w: w -= lr * ||w|| / ||r|| * r}; where a
     * norm is 0, the ratio is 1. This is where a decoupled {@link Penalty#l2()} stands in LAMB. States m, v.
     */
    record Lamb(float beta1, float beta2, float epsilon) implements UpdateRule {
        public Lamb {
            requireBetas(beta1, beta2);
            Arguments.requirePositive("epsilon", epsilon);
        }
    }

    private static void requireBetas(float beta1, float beta2) {
        Arguments.requireProbability("beta1", beta1);
        Arguments.requireProbability("beta2", beta2);
    }

    /**
     * Penalties on the parameters.
     *
     * @param l1 adds {@code l1 * sign(w)} to the gradient
     * @param l2 adds {@code l2 * w} to the gradient; if decoupled, {@code w -= lr * l2 * w} instead, before the update (in LAMB,
     *     before the ratio is taken)
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
