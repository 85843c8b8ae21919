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
            case "Celu" -> {
                float a = node.real("alpha", 1f);
                yield new HostFunction(x -> x >= 0 ? x : a * Math.expm1(x / a), (x, y) -> x >= 0 ? 1 : Math.exp(x / a));
            }
            default -> null;
        };
    }

    /** {@code |x|} to the power of a number that is not learned, with the sign that Java gives. */
    public static HostFunction power(double exponent) {
        return new HostFunction(x -> Math.pow(x, exponent), (x, y) -> exponent * Math.pow(x, exponent - 1));
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
