package org.gatefold.exchange.onnx.graph;

import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/**
 * A function of single numbers that devices have no operation for.
 *
 * @param value of x
 * @param slope of x and the value there
 */
public record HostFunction(DoubleUnaryOperator value, DoubleBinaryOperator slope) {
    public static final HostFunction LOG = new HostFunction(Math::log, (x, y) -> 1 / x);
    public static final HostFunction ABS = new HostFunction(Math::abs, (x, y) -> Math.signum(x));

    private static final double OF_TANH = Math.sqrt(2 / Math.PI);
    private static final double OF_CUBE = 0.044715;

    /** {@code x/2 (1 + tanh(√(2/π) (x + 0.044715 x³)))} (Hendrycks and Gimpel 2016). */
    private static final HostFunction GELU_BY_TANH =
            new HostFunction(x -> 0.5 * x * (1 + Math.tanh(OF_TANH * (x + OF_CUBE * x * x * x))), (x, y) -> {
                double t = Math.tanh(OF_TANH * (x + OF_CUBE * x * x * x));
                return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * OF_TANH * (1 + 3 * OF_CUBE * x * x);
            });

    /**
     * By the operator's name.
     *
     * @return null if there is none
     */
    public static HostFunction of(OnnxNode node) {
        return switch (node.operator()) {
            case "Sqrt" -> new HostFunction(Math::sqrt, (x, y) -> 0.5 / y);
            case "Reciprocal" -> new HostFunction(x -> 1 / x, (x, y) -> -y * y);
            case "Log" -> LOG;
            case "Abs" -> ABS;
            case "Sin" -> new HostFunction(Math::sin, (x, y) -> Math.cos(x));
            case "Cos" -> new HostFunction(Math::cos, (x, y) -> -Math.sin(x));
            case "Floor" -> new HostFunction(Math::floor, (x, y) -> 0);
            case "Ceil" -> new HostFunction(Math::ceil, (x, y) -> 0);
            case "Round" -> new HostFunction(Math::rint, (x, y) -> 0);
            case "Sign" -> new HostFunction(Math::signum, (x, y) -> 0);
            case "Erf" -> new HostFunction(HostFunction::erf, (x, y) -> 2 / Math.sqrt(Math.PI) * Math.exp(-x * x));
            case "Softsign" ->
                new HostFunction(x -> x / (1 + Math.abs(x)), (x, y) -> 1 / ((1 + Math.abs(x)) * (1 + Math.abs(x))));
            case "Mish" -> new HostFunction(x -> x * Math.tanh(softplus(x)), (x, y) -> mishSlope(x));
            case "Gelu" -> node.text("approximate", "none").equals("tanh") ? GELU_BY_TANH : null;
            case "HardSigmoid" -> hardSigmoid(node.real("alpha", 0.2f), node.real("beta", 0.5f));
            case "HardSwish" ->
                new HostFunction(
                        x -> x * Math.max(0, Math.min(1, x / 6 + 0.5)),
                        (x, y) -> x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5);
            case "ThresholdedRelu" -> {
                float least = node.real("alpha", 1f);
                yield new HostFunction(x -> x > least ? x : 0, (x, y) -> x > least ? 1 : 0);
            }
            case "Selu" -> selu(node.real("alpha", 1.6732632f), node.real("gamma", 1.050701f));
            case "Celu" -> {
                float a = node.real("alpha", 1f);
                yield new HostFunction(x -> x >= 0 ? x : a * Math.expm1(x / a), (x, y) -> x >= 0 ? 1 : Math.exp(x / a));
            }
            default -> null;
        };
    }

    private static double softplus(double x) {
        return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    }

    private static double mishSlope(double x) {
        double t = Math.tanh(softplus(x));
        return t + x * (1 - t * t) / (1 + Math.exp(-x));
    }

    private static HostFunction hardSigmoid(float alpha, float beta) {
        return new HostFunction(x -> Math.max(0, Math.min(1, alpha * x + beta)), (x, y) -> y > 0 && y < 1 ? alpha : 0);
    }

    private static HostFunction selu(float alpha, float gamma) {
        return new HostFunction(
                x -> x > 0 ? gamma * x : gamma * alpha * Math.expm1(x),
                (x, y) -> x > 0 ? gamma : gamma * alpha * Math.exp(x));
    }

    /** {@code |x|} to the power of a number that is not learned, with the sign that Java gives. */
    public static HostFunction power(double exponent) {
        return new HostFunction(x -> Math.pow(x, exponent), (x, y) -> exponent * Math.pow(x, exponent - 1));
    }

    public static HostFunction clip(double least, double most) {
        return new HostFunction(x -> Math.max(least, Math.min(most, x)), (x, y) -> x >= least && x <= most ? 1 : 0);
    }

    /** By its series near 0 and a continued fraction beyond, to double precision. */
    private static double erf(double x) {
        double size = Math.abs(x);
        if (size > 6) {
            return Math.signum(x);
        }
        double value;
        if (size < 2.5) {
            double term = size;
            double sum = size;
            for (int n = 1; n < 100 && Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
                term *= -size * size / n;
                sum += term / (2 * n + 1);
            }
            value = 2 / Math.sqrt(Math.PI) * sum;
        } else {
            double fraction = size;
            for (int n = 60; n > 0; n--) {
                fraction = size + n / 2.0 / fraction;
            }
            value = 1 - Math.exp(-size * size) / Math.sqrt(Math.PI) / fraction;
        }
        return Math.signum(x) * value;
    }
}
