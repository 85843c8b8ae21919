package org.gatefold.contract.oracle;

import org.gatefold.op.optimizer.Segments.Segment;
import org.gatefold.op.optimizer.UpdateRule;
import org.gatefold.op.optimizer.UpdateRule.Penalty;

/**
 * The update rules in double precision: the algorithm boxes of PyTorch's torch.optim, line by line, and algorithm 2 of You
 * et al. 2020 for LAMB. Written without a look at the engine's.
 */
public final class PublishedUpdates {
    private PublishedUpdates() {}

    /** Updates one parameter; {@code theta}, {@code gradients} and states cover the whole buffer. */
    public static void update(
            UpdateRule rule,
            Penalty penalty,
            Segment segment,
            double learningRate,
            int t,
            double scale,
            float[] gradients,
            double[] theta,
            double[][] state) {
        double lr = learningRate * segment.learningRate();
        if (rule instanceof UpdateRule.Adagrad adagrad) {
            lr /= 1 + (t - 1) * (double) adagrad.rateDecay();
        }
        double l1 = (double) penalty.l1() * segment.penalty();
        double l2 = (double) penalty.l2() * segment.penalty();
        int from = (int) segment.offset();
        int to = from + (int) segment.length();
        double[] step = new double[to];
        boolean lamb = rule instanceof UpdateRule.Lamb;
        for (int i = from; i < to; i++) {
            double g = gradients[i] * scale + l1 * Math.signum(theta[i]) + (penalty.decoupled() ? 0 : l2 * theta[i]);
            step[i] = step(rule, lr, t, g, state, i);
            if (penalty.decoupled() && lamb) {
                step[i] += l2 * theta[i];
            } else if (penalty.decoupled()) {
                theta[i] -= lr * l2 * theta[i];
            }
        }
        double ratio = lamb ? lr * norm(theta, from, to) / norm(step, from, to) : 1;
        for (int i = from; i < to; i++) {
            theta[i] -= ratio * step[i];
        }
    }

    private static double norm(double[] values, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += values[i] * values[i];
        }
        return Math.sqrt(sum);
    }

    /** What is taken from the parameter, with the learning rate but for LAMB. */
    private static double step(UpdateRule rule, double lr, int t, double g, double[][] state, int i) {
        if (rule instanceof UpdateRule.Sgd sgd) {
            return lr * sgd(sgd, t, g, state, i);
        }
        if (rule instanceof UpdateRule.RmsProp rms) {
            return lr * rmsProp(rms, g, state, i);
        }
        if (rule instanceof UpdateRule.Adam adam) {
            return lr * adam(adam.beta1(), adam.beta2(), adam.epsilon(), t, g, state, i);
        }
        if (rule instanceof UpdateRule.Lamb r) {
            return adam(r.beta1(), r.beta2(), r.epsilon(), t, g, state, i);
        }
        if (rule instanceof UpdateRule.Adagrad adagrad) {
            state[0][i] += g * g;
            return lr * g / (Math.sqrt(state[0][i]) + adagrad.epsilon());
        }
        if (rule instanceof UpdateRule.Adadelta adadelta) {
            double rho = adadelta.rho();
            double epsilon = adadelta.epsilon();
            state[0][i] = state[0][i] * rho + g * g * (1 - rho);
            double delta = Math.sqrt(state[1][i] + epsilon) / Math.sqrt(state[0][i] + epsilon) * g;
            state[1][i] = state[1][i] * rho + delta * delta * (1 - rho);
            return lr * delta;
        }
        if (rule instanceof UpdateRule.NAdam nadam) {
            return lr * nadam(nadam, t, g, state, i);
        }
        UpdateRule.AdaMax adaMax = (UpdateRule.AdaMax) rule;
        double beta1 = adaMax.beta1();
        state[0][i] = beta1 * state[0][i] + (1 - beta1) * g;
        state[1][i] = Math.max(adaMax.beta2() * state[1][i], Math.abs(g) + adaMax.epsilon());
        return lr * state[0][i] / ((1 - Math.pow(beta1, (double) t)) * state[1][i]);
    }

    private static double sgd(UpdateRule.Sgd rule, int t, double g, double[][] state, int i) {
        if (rule.momentum() == 0) {
            return g;
        }
        state[0][i] = t == 1 ? g : rule.momentum() * state[0][i] + (1 - rule.dampening()) * g;
        return rule.nesterov() ? g + rule.momentum() * state[0][i] : state[0][i];
    }

    private static double rmsProp(UpdateRule.RmsProp rule, double g, double[][] state, int i) {
        state[0][i] = rule.alpha() * state[0][i] + (1 - rule.alpha()) * g * g;
        double variance = state[0][i];
        if (rule.centered()) {
            state[1][i] = rule.alpha() * state[1][i] + (1 - rule.alpha()) * g;
            variance -= state[1][i] * state[1][i];
        }
        double change = g / (Math.sqrt(variance) + rule.epsilon());
        if (rule.momentum() == 0) {
            return change;
        }
        int at = rule.centered() ? 2 : 1;
        state[at][i] = rule.momentum() * state[at][i] + change;
        return state[at][i];
    }

    private static double adam(double beta1, double beta2, double epsilon, int t, double g, double[][] state, int i) {
        state[0][i] = beta1 * state[0][i] + (1 - beta1) * g;
        state[1][i] = beta2 * state[1][i] + (1 - beta2) * g * g;
        double m = state[0][i] / (1 - Math.pow(beta1, (double) t));
        double v = state[1][i] / (1 - Math.pow(beta2, (double) t));
        return m / (Math.sqrt(v) + epsilon);
    }

    private static double nadam(UpdateRule.NAdam rule, int t, double g, double[][] state, int i) {
        double beta1 = rule.beta1();
        double beta2 = rule.beta2();
        double psi = rule.momentumDecay();
        double product = 1;
        for (int s = 1; s <= t; s++) {
            product *= beta1 * (1 - Math.pow(0.96, s * psi) / 2);
        }
        double mu = beta1 * (1 - Math.pow(0.96, t * psi) / 2);
        double next = beta1 * (1 - Math.pow(0.96, (t + 1) * psi) / 2);
        state[0][i] = beta1 * state[0][i] + (1 - beta1) * g;
        state[1][i] = beta2 * state[1][i] + (1 - beta2) * g * g;
        double m = next * state[0][i] / (1 - product * next) + (1 - mu) * g / (1 - product);
        double v = state[1][i] / (1 - Math.pow(beta2, (double) t));
        return m / (Math.sqrt(v) + rule.epsilon());
    }
}
