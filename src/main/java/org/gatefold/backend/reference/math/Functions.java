package org.gatefold.backend.reference.math;

import org.gatefold.op.elementwise.Activation;

/** The activation functions and their derivatives in double precision, and those that cells have too. NaN stays NaN. */
public final class Functions {
    private static final double SQRT_2 = Math.sqrt(2);
    private static final double SQRT_PI = Math.sqrt(Math.PI);
    private static final double OF_TANH = SQRT_2 / SQRT_PI;
    private static final double OF_CUBE = 0.044715;

    private Functions() {}

    /** {@code f(x)}. */
    public static double value(Activation function, double x) {
        double a = function.alpha();
        double b = function.beta();
        return switch (function.kind()) {
            case SIGMOID -> sigmoid(x);
            case TANH -> Math.tanh(x);
            case RELU -> Math.max(0, x);
            case LEAKY_RELU -> leakyRelu(a, x);
            case ELU -> elu(a, x);
            case GELU -> x == Double.NEGATIVE_INFINITY ? 0 : x * normal(x);
            case SILU -> x == Double.NEGATIVE_INFINITY ? 0 : x * sigmoid(x);
            case SOFTPLUS -> softplus(x);
            case EXP -> Math.exp(x);
            case HARD_SIGMOID -> hardSigmoid(a, b, x);
            case SOFTSIGN -> softsign(x);
            case CLIP -> Math.min(b, Math.max(a, x));
            case SELU -> b * elu(a, x);
            case MISH -> x == Double.NEGATIVE_INFINITY ? 0 : x * Math.tanh(softplus(x));
            case HARD_SWISH -> x <= -3 ? 0 : x * hardSigmoid(1 / 6.0, 0.5, x);
            case GELU_TANH -> x == Double.NEGATIVE_INFINITY ? 0 : x * geluShare(x);
            case THRESHOLDED_RELU -> x <= a ? 0 : x;
        };
    }

    /** {@code f'(x)}; at a kink, the derivative from the left, but 0 at the upper bound of HARD_SIGMOID and CLIP. */
    public static double slope(Activation function, double x) {
        if (Double.isNaN(x)) {
            return x;
        }
        double a = function.alpha();
        double b = function.beta();
        return switch (function.kind()) {
            case SIGMOID -> sigmoid(x) * sigmoid(-x);
            case TANH -> 1 - Math.tanh(x) * Math.tanh(x);
            case RELU -> x > 0 ? 1 : 0;
            case LEAKY_RELU -> x > 0 ? 1 : a;
            case ELU -> x > 0 ? 1 : a * Math.exp(x);
            case GELU -> Double.isInfinite(x) ? Math.max(0, Math.signum(x)) : normal(x) + x * density(x);
            case SILU -> Double.isInfinite(x) ? Math.max(0, Math.signum(x)) : sigmoid(x) * (1 + x * sigmoid(-x));
            case SOFTPLUS -> sigmoid(x);
            case EXP -> Math.exp(x);
            case HARD_SIGMOID -> {
                double y = a * x + b;
                yield y > 0 && y < 1 ? a : 0;
            }
            case SOFTSIGN -> 1 / ((1 + Math.abs(x)) * (1 + Math.abs(x)));
            case CLIP -> x > a && x < b ? 1 : 0;
            case SELU -> x > 0 ? b : b * a * Math.exp(x);
            case MISH -> {
                double t = Math.tanh(softplus(x));
                yield Double.isInfinite(x) ? t : t + x * (1 - t * t) * sigmoid(x);
            }
            case HARD_SWISH -> x <= -3 ? 0 : x <= 3 ? x / 3 + 0.5 : 1;
            case GELU_TANH -> {
                double s = geluShare(x);
                double rise = OF_TANH * (1 + 3 * OF_CUBE * x * x);
                yield Double.isInfinite(x) ? s : s + 2 * x * s * (1 - s) * rise;
            }
            case THRESHOLDED_RELU -> x > a ? 1 : 0;
        };
    }

    public static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    public static double softplus(double x) {
        return Math.max(0, x) + Math.log1p(Math.exp(-Math.abs(x)));
    }

    public static double elu(double scale, double x) {
        return x > 0 ? x : scale * Math.expm1(x);
    }

    public static double leakyRelu(double slope, double x) {
        return x > 0 ? x : slope * x;
    }

    public static double hardSigmoid(double slope, double shift, double x) {
        return Math.max(0, Math.min(1, slope * x + shift));
    }

    public static double softsign(double x) {
        return x / (1 + Math.abs(x));
    }

    /** {@code (1 + tanh u) / 2} with {@code u = sqrt(2 / pi) (x + 0.044715 x^3)}, accurate relative to its value. */
    private static double geluShare(double x) {
        return sigmoid(2 * OF_TANH * (x + OF_CUBE * x * x * x));
    }

    private static double density(double x) {
        return Math.exp(-x * x / 2) / (SQRT_2 * SQRT_PI);
    }

    /** The normal distribution function, {@code erfc(-x / sqrt 2) / 2}, accurate relative to its value. */
    private static double normal(double x) {
        double z = Math.abs(x) / SQRT_2;
        double tail = erfc(z) / 2;
        return x < 0 ? tail : 1 - tail;
    }

    /**
     * The complementary error function of {@code z >= 0}: the series 7.1.6 of Abramowitz and Stegun near 0, the continued
     * fraction 7.1.14 farther out.
     */
    private static double erfc(double z) {
        if (Double.isNaN(z)) {
            return z;
        }
        if (z < 2) {
            double term = z;
            double sum = z;
            for (int n = 1; term > sum * 1e-17; n++) {
                term *= 2 * z * z / (2 * n + 1);
                sum += term;
            }
            return 1 - 2 / SQRT_PI * Math.exp(-z * z) * sum;
        }
        double fraction = z;
        for (int n = 80; n >= 1; n--) {
            fraction = z + n / 2.0 / fraction;
        }
        return Math.exp(-z * z) / (SQRT_PI * fraction);
    }
}
