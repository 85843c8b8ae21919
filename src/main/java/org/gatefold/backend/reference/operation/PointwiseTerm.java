package org.gatefold.backend.reference.operation;

import java.nio.FloatBuffer;
import org.gatefold.op.loss.PointwiseLoss;

/** One term of a pointwise loss: its value, and its slopes in the numbers predicted. One thread at a time. */
final class PointwiseTerm {
    private final PointwiseLoss loss;
    private final FloatBuffer table;

    /** Slopes of the last term. */
    final double[] slopes;

    PointwiseTerm(PointwiseLoss loss, int parts, FloatBuffer table) {
        this.loss = loss;
        this.table = table;
        this.slopes = new double[parts];
    }

    /**
     * The value, summed over the numbers predicted; {@link #slopes} are set.
     *
     * @param at index of the first number predicted
     * @param column of the target
     */
    double of(FloatBuffer predicted, int at, double target, int column) {
        double x = predicted.get(at);
        double d = x - target;
        double delta = loss.first();
        return switch (loss.kind()) {
            case MSE -> term(d * d, 2 * d);
            case MAE -> term(Math.abs(d), Math.signum(d));
            case HUBER ->
                term(
                        Math.abs(d) <= delta ? d * d / 2 : delta * (Math.abs(d) - delta / 2),
                        Math.max(-delta, Math.min(delta, d)));
            case LOG_COSH -> term(Math.abs(d) + Math.log1p(Math.exp(-2 * Math.abs(d))) - Math.log(2), Math.tanh(d));
            case BINARY_CROSS_ENTROPY -> {
                double positive = target * (table == null ? 1 : table.get(column));
                yield term(
                        positive * softplus(-x) + (1 - target) * softplus(x),
                        (1 - target) * sigmoid(x) - positive * sigmoid(-x));
            }
            case FOCAL -> focal(x, target);
            case HINGE -> {
                double sign = target > 0 ? 1 : -1;
                double margin = 1 - sign * x;
                yield term(Math.max(0, margin), margin > 0 ? -sign : 0);
            }
            case SQUARED_HINGE -> {
                double sign = target > 0 ? 1 : -1;
                double margin = Math.max(0, 1 - sign * x);
                yield term(margin * margin, -2 * sign * margin);
            }
            case QUANTILE -> quantiles(predicted, at, target);
            case GAUSSIAN_NLL -> {
                double s = predicted.get(at + 1);
                double precision = Math.exp(-s);
                slopes[1] = (1 - d * d * precision) / 2;
                yield term((s + d * d * precision + Math.log(2 * Math.PI)) / 2, d * precision);
            }
            case STUDENT_T_NLL -> {
                double nu = loss.first();
                double s = predicted.get(at + 1);
                double z = d * Math.exp(-s);
                double pull = (nu + 1) * z / (nu + z * z);
                slopes[1] = 1 - pull * z;
                yield term(s + (nu + 1) / 2 * Math.log1p(z * z / nu) + loss.second(), pull * Math.exp(-s));
            }
            case KL_DIVERGENCE -> target == 0 ? term(0, 0) : term(target * (Math.log(target) - x), -target);
        };
    }

    private double term(double value, double slope) {
        slopes[0] = slope;
        return value;
    }

    private double focal(double x, double target) {
        double gamma = loss.first();
        double p = sigmoid(x);
        double q = sigmoid(-x);
        double positive = target * loss.second() * Math.pow(q, gamma);
        double negative = (1 - target) * (1 - loss.second()) * Math.pow(p, gamma);
        return term(
                positive * softplus(-x) + negative * softplus(x),
                negative * (p + gamma * q * softplus(x)) - positive * (q + gamma * p * softplus(-x)));
    }

    private double quantiles(FloatBuffer predicted, int at, double target) {
        double sum = 0;
        for (int i = 0; i < slopes.length; i++) {
            double quantile = table.get(i);
            double missing = target - predicted.get(at + i);
            sum += Math.max(quantile * missing, (quantile - 1) * missing);
            slopes[i] = missing > 0 ? -quantile : missing < 0 ? 1 - quantile : 0;
        }
        return sum;
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /** {@code log(1 + exp(x))}. */
    private static double softplus(double x) {
        return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    }
}
