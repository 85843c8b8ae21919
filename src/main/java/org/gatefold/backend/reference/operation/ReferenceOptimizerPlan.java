package org.gatefold.backend.reference.operation;

import java.nio.FloatBuffer;
import org.gatefold.backend.reference.math.Floats;
import org.gatefold.device.Scope;
import org.gatefold.op.optimizer.OptimizerPlan;
import org.gatefold.op.optimizer.OptimizerSpec;
import org.gatefold.op.optimizer.Segments;
import org.gatefold.op.optimizer.UpdateRule;
import org.gatefold.tensor.Tensor;

/** Updates in plain Java: every element in double precision, state and parameters rounded to floats. One thread at a time. */
final class ReferenceOptimizerPlan extends OptimizerPlan {
    private static final double NORM_EPSILON = 1e-6;

    ReferenceOptimizerPlan(Scope scope, OptimizerSpec spec, Tensor parameters, Tensor gradients) {
        super(scope, spec, parameters, gradients);
    }

    @Override
    protected void computeGradientNorm(float maxNorm, float lossScale, Tensor squares, Tensor result) {
        FloatBuffer gradient = Floats.of(gradients());
        FloatBuffer perSegment = Floats.of(squares);
        double total = 0;
        for (int s = 0; s < segments().count(); s++) {
            Segments.Segment segment = segments().list().get(s);
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
        to.put(
                1,
                Double.isFinite(norm) ? (float) (Math.min(1, maxNorm / (norm + NORM_EPSILON)) / lossScale) : Float.NaN);
    }

    @Override
    protected void computeClipValue(float limit) {
        FloatBuffer gradient = Floats.of(gradients());
        for (Segments.Segment segment : segments().list()) {
            for (int i = first(segment); i < end(segment); i++) {
                gradient.put(i, Math.max(-limit, Math.min(limit, gradient.get(i))));
            }
        }
    }

    @Override
    protected void computeUpdate(float learningRate, long step, Tensor scale) {
        double factor = scale == null ? 1 : scale.item();
        if (!Double.isFinite(factor)) {
            return;
        }
        FloatBuffer parameter = Floats.of(parameters());
        FloatBuffer gradient = Floats.of(gradients());
        FloatBuffer[] state = states().stream().map(Floats::of).toArray(FloatBuffer[]::new);
        for (Segments.Segment segment : segments().list()) {
            if (segment.learningRate() == 0f) {
                continue;
            }
            double rate = (double) learningRate * segment.learningRate();
            double l1 = (double) penalty().l1() * segment.penalty();
            double l2 = (double) penalty().l2() * segment.penalty();
            for (int i = first(segment); i < end(segment); i++) {
                double w = parameter.get(i);
                double g = factor * gradient.get(i);
                if (l1 != 0) {
                    g += l1 * Math.signum(w);
                }
                if (penalty().decoupled()) {
                    w -= rate * l2 * w;
                } else {
                    g += l2 * w;
                }
                parameter.put(i, (float) (w - change(rate, step, g, state, i)));
            }
        }
    }

    /** What an element is reduced by; moves its state. */
    private double change(double rate, long step, double g, FloatBuffer[] state, int i) {
        if (rule() instanceof UpdateRule.Sgd sgd) {
            return rate * sgd(sgd, step, g, state, i);
        } else if (rule() instanceof UpdateRule.RmsProp rmsProp) {
            return rate * rmsProp(rmsProp, g, state, i);
        } else if (rule() instanceof UpdateRule.Adam adam) {
            double m = keep(state[0], i, adam.beta1() * (double) state[0].get(i) + (1 - (double) adam.beta1()) * g);
            double v = keep(state[1], i, adam.beta2() * (double) state[1].get(i) + (1 - (double) adam.beta2()) * g * g);
            double firstCorrection = 1 - Math.pow(adam.beta1(), (double) step);
            double secondCorrection = 1 - Math.pow(adam.beta2(), (double) step);
            return rate / firstCorrection * m / (Math.sqrt(v / secondCorrection) + adam.epsilon());
        }
        throw new IllegalStateException("unknown rule " + rule());
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
        double alpha = rule.alpha();
        double spread = keep(state[0], i, alpha * state[0].get(i) + (1 - alpha) * g * g);
        if (rule.centered()) {
            double mean = keep(state[1], i, alpha * state[1].get(i) + (1 - alpha) * g);
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
