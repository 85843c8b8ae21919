package org.gatefold.backend.reference.operation;

import java.nio.FloatBuffer;
import org.gatefold.backend.reference.math.Floats;
import org.gatefold.device.Scope;
import org.gatefold.op.Philox;
import org.gatefold.op.optimizer.NadamMomentum;
import org.gatefold.op.optimizer.OptimizerPlan;
import org.gatefold.op.optimizer.OptimizerSpec;
import org.gatefold.op.optimizer.Segments;
import org.gatefold.op.optimizer.UpdateRule;
import org.gatefold.tensor.Tensor;

/** Updates in plain Java: every element in double precision, state and parameters rounded to floats. One thread at a time. */
final class ReferenceOptimizerPlan extends OptimizerPlan {
    private static final double NORM_EPSILON = 1e-6;

    private final NadamMomentum nadam;

    ReferenceOptimizerPlan(Scope scope, OptimizerSpec spec, Tensor parameters, Tensor gradients) {
        super(scope, spec, parameters, gradients);
        nadam = rule() instanceof UpdateRule.NAdam rule ? new NadamMomentum(rule) : null;
    }

    @Override
    protected void computeGradientNorm(float maxNorm, float lossScale, Tensor required, Tensor squares, Tensor result) {
        FloatBuffer gradient = Floats.of(gradients());
        FloatBuffer perSegment = Floats.of(squares);
        double total = 0;
        for (int s = 0; s < table().count(); s++) {
            Segments.Segment segment = table().list().get(s);
            double sum = 0;
            for (int i = first(segment); i < end(segment); i++) {
                double g = gradient.get(i);
                sum += g * g;
            }
            perSegment.put(s, (float) sum);
            total += sum;
        }
        double norm = Math.sqrt(total) / lossScale;
        FloatBuffer to = Floats.of(result);
        to.put(0, (float) norm);
        boolean usable = Float.isFinite((float) norm) && allFinite(required);
        to.put(1, usable ? (float) (Math.min(1, maxNorm / (norm + NORM_EPSILON)) / lossScale) : Float.NaN);
    }

    private static boolean allFinite(Tensor required) {
        FloatBuffer numbers = required == null ? FloatBuffer.allocate(0) : Floats.of(required);
        for (int i = 0; i < numbers.limit(); i++) {
            if (!Float.isFinite(numbers.get(i))) {
                return false;
            }
        }
        return true;
    }

    @Override
    protected void computeClipValue(float limit) {
        FloatBuffer gradient = Floats.of(gradients());
        for (Segments.Segment segment : table().list()) {
            for (int i = first(segment); i < end(segment); i++) {
                gradient.put(i, Math.max(-limit, Math.min(limit, gradient.get(i))));
            }
        }
    }

    @Override
    protected void computeNoise(float deviation, long key, Tensor scale) {
        double factor = deviation / (scale == null ? 1.0 : scale.item());
        if (!Double.isFinite(factor)) {
            return;
        }
        FloatBuffer gradient = Floats.of(gradients());
        int[] words = new int[4];
        for (Segments.Segment segment : table().list()) {
            for (int i = first(segment); i < end(segment); i++) {
                Philox.words(key, NOISE, i >>> 2, words);
                int pair = i & 2;
                double radius = Math.sqrt(-2 * Math.log(Philox.uniform(words[pair]) + 0x1p-24));
                double angle = 2 * Math.PI * Philox.uniform(words[pair + 1]);
                double z = radius * ((i & 1) == 0 ? Math.cos(angle) : Math.sin(angle));
                gradient.put(i, (float) (gradient.get(i) + factor * z));
            }
        }
    }

    @Override
    protected void computeUpdate(float learningRate, long step, Tensor scale) {
        double factor = scale == null ? 1 : scale.item();
        if (!Double.isFinite(factor)) {
            return;
        }
        if (nadam != null) {
            nadam.at(step);
        }
        FloatBuffer[] state = states().stream().map(Floats::of).toArray(FloatBuffer[]::new);
        for (Segments.Segment segment : table().list()) {
            if (segment.learningRate() == 0f) {
                continue;
            }
            double rate = rule() instanceof UpdateRule.Adagrad adagrad
                    ? adagrad.rate(learningRate, step) * segment.learningRate()
                    : (double) learningRate * segment.learningRate();
            if (rule() instanceof UpdateRule.Lamb lamb) {
                updateByRatio(lamb, segment, rate, step, factor, state);
            } else {
                update(segment, rate, step, factor, state);
            }
        }
    }

    private void update(Segments.Segment segment, double rate, long step, double factor, FloatBuffer[] state) {
        FloatBuffer parameter = Floats.of(parameters());
        FloatBuffer gradient = Floats.of(gradients());
        double l2 = (double) penalty().l2() * segment.penalty();
        for (int i = first(segment); i < end(segment); i++) {
            double w = parameter.get(i);
            double g = penalised(segment, factor * gradient.get(i), w);
            if (penalty().decoupled()) {
                w -= rate * l2 * w;
            }
            parameter.put(i, (float) (w - change(rate, step, g, state, i)));
        }
    }

    /** The gradient of an element with the penalties that act on gradients. */
    private double penalised(Segments.Segment segment, double g, double w) {
        double l1 = (double) penalty().l1() * segment.penalty();
        double l2 = penalty().decoupled() ? 0 : (double) penalty().l2() * segment.penalty();
        return g + l1 * Math.signum(w) + l2 * w;
    }

    private void updateByRatio(
            UpdateRule.Lamb rule,
            Segments.Segment segment,
            double rate,
            long step,
            double factor,
            FloatBuffer[] state) {
        FloatBuffer parameter = Floats.of(parameters());
        FloatBuffer gradient = Floats.of(gradients());
        double decay = penalty().decoupled() ? (double) penalty().l2() * segment.penalty() : 0;
        double[] change = new double[Math.toIntExact(segment.length())];
        double weights = 0;
        double changes = 0;
        for (int i = first(segment), k = 0; i < end(segment); i++, k++) {
            double w = parameter.get(i);
            double g = penalised(segment, factor * gradient.get(i), w);
            change[k] = adam(rule.beta1(), rule.beta2(), rule.epsilon(), step, g, state, i) + decay * w;
            weights += w * w;
            changes += change[k] * change[k];
        }
        double ratio = weights > 0 && changes > 0 ? Math.sqrt(weights) / Math.sqrt(changes) : 1;
        for (int i = first(segment), k = 0; i < end(segment); i++, k++) {
            parameter.put(i, (float) (parameter.get(i) - rate * ratio * change[k]));
        }
    }

    /** What an element is reduced by; moves its state. */
    private double change(double rate, long step, double g, FloatBuffer[] state, int i) {
        if (rule() instanceof UpdateRule.Sgd sgd) {
            return rate * sgd(sgd, step, g, state, i);
        } else if (rule() instanceof UpdateRule.RmsProp rmsProp) {
            return rate * rmsProp(rmsProp, g, state, i);
        } else if (rule() instanceof UpdateRule.Adam rule) {
            return rate * adam(rule.beta1(), rule.beta2(), rule.epsilon(), step, g, state, i);
        } else if (rule() instanceof UpdateRule.Adagrad rule) {
            double sum = keep(state[0], i, state[0].get(i) + g * g);
            return rate * g / (Math.sqrt(sum) + rule.epsilon());
        } else if (rule() instanceof UpdateRule.Adadelta rule) {
            return rate * adadelta(rule, g, state, i);
        } else if (rule() instanceof UpdateRule.NAdam rule) {
            double m = moment(state[0], i, rule.beta1(), g);
            double v = moment(state[1], i, rule.beta2(), g * g) / (1 - Math.pow(rule.beta2(), (double) step));
            return rate * (nadam.ofMean() * m + nadam.ofGradient() * g) / (Math.sqrt(v) + rule.epsilon());
        } else if (rule() instanceof UpdateRule.AdaMax rule) {
            double m = moment(state[0], i, rule.beta1(), g) / (1 - Math.pow(rule.beta1(), (double) step));
            double grown = Math.max(rule.beta2() * (double) state[1].get(i), Math.abs(g) + rule.epsilon());
            return rate * m / keep(state[1], i, grown);
        }
        throw new IllegalStateException("unknown rule " + rule());
    }

    private static double adam(
            double beta1, double beta2, double epsilon, long step, double g, FloatBuffer[] state, int i) {
        double m = moment(state[0], i, beta1, g) / (1 - Math.pow(beta1, (double) step));
        double v = moment(state[1], i, beta2, g * g) / (1 - Math.pow(beta2, (double) step));
        return m / (Math.sqrt(v) + epsilon);
    }

    private static double adadelta(UpdateRule.Adadelta rule, double g, FloatBuffer[] state, int i) {
        double spread = moment(state[0], i, rule.rho(), g * g);
        double change = Math.sqrt(state[1].get(i) + (double) rule.epsilon()) / Math.sqrt(spread + rule.epsilon()) * g;
        moment(state[1], i, rule.rho(), change * change);
        return change;
    }

    /** Moves a running mean; gives it as it is stored. */
    private static double moment(FloatBuffer state, int i, double decay, double value) {
        return keep(state, i, decay * state.get(i) + (1 - decay) * value);
    }

    private static double sgd(UpdateRule.Sgd rule, long step, double g, FloatBuffer[] state, int i) {
        if (rule.momentum() == 0f) {
            return g;
        }
        double moved = step == 1 ? g : rule.momentum() * (double) state[0].get(i) + (1 - (double) rule.dampening()) * g;
        double v = keep(state[0], i, moved);
        return rule.nesterov() ? g + rule.momentum() * v : v;
    }

    private static double rmsProp(UpdateRule.RmsProp rule, double g, FloatBuffer[] state, int i) {
        double spread = moment(state[0], i, rule.alpha(), g * g);
        if (rule.centered()) {
            double mean = moment(state[1], i, rule.alpha(), g);
            spread = Math.max(0, spread - mean * mean);
        }
        double change = g / (Math.sqrt(spread) + rule.epsilon());
        if (rule.momentum() == 0f) {
            return change;
        }
        FloatBuffer velocity = state[state.length - 1];
        return keep(velocity, i, rule.momentum() * (double) velocity.get(i) + change);
    }

    /** Stores a state element as a float and returns what was stored. */
    private static double keep(FloatBuffer state, int i, double value) {
        state.put(i, (float) value);
        return state.get(i);
    }

    private static int first(Segments.Segment segment) {
        return Math.toIntExact(segment.offset());
    }

    private static int end(Segments.Segment segment) {
        return Math.toIntExact(segment.offset() + segment.length());
    }
}
