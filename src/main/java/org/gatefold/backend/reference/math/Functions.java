package org.gatefold.backend.reference.math;

import org.gatefold.op.elementwise.Activation;

/** The activation functions and their derivatives in double precision. */
public final class Functions {
    private static final double SQRT_2 = Math.sqrt(2);
    private static final double SQRT_PI = Math.sqrt(Math.PI);

    private Functions() {}

    /** {@code f(x)}. */
    public static double value(Activation function, double x) {
        return switch (function.kind()) {
            case SIGMOID -> sigmoid(x);
            case TANH -> Math.tanh(x);
            case RELU -> Math.max(0, x);
            case LEAKY_RELU -> x > 0 ? x : function.alpha() * x;
            case ELU -> x > 0 ? x : function.alpha() * Math.expm1(x);
            case GELU -> x == Double.NEGATIVE_INFINITY ? 0 : x * normal(x);
            case SILU -> x == Double.NEGATIVE_INFINITY ? 0 : x * sigmoid(x);
            case SOFTPLUS -> Math.max(0, x) + Math.log1p(Math.exp(-Math.abs(x)));
            case EXP -> Math.exp(x);
        };
    }

    /** {@code f'(x)}; at a kink, the derivative from the left. */
    public static double slope(Activation function, double x) {
        if (Double.isNaN(x)) {
            return x;
        }
        return switch (function.kind()) {
            case SIGMOID -> sigmoid(x) * sigmoid(-x);
            case TANH -> 1 - Math.tanh(x) * Math.tanh(x);
            case RELU -> x > 0 ? 1 : 0;
            case LEAKY_RELU -> x > 0 ? 1 : function.alpha();
            case ELU -> x > 0 ? 1 : function.alpha() * Math.exp(x);
            case GELU -> Double.isInfinite(x) ? Math.max(0, Math.signum(x)) : normal(x) + x * density(x);
            case SILU -> Double.isInfinite(x) ? Math.max(0, Math.signum(x)) : sigmoid(x) * (1 + x * sigmoid(-x));
            case SOFTPLUS -> sigmoid(x);
            case EXP -> Math.exp(x);
        };
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
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
