package org.gatefold.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.gatefold.op.Philox;
import org.gatefold.op.elementwise.Activation;
import org.gatefold.op.elementwise.ElementwiseOp;
import org.gatefold.op.elementwise.ElementwiseOp.Binary;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every implementation of elementwise operations is held to. */
abstract class ElementwiseContract extends OperationContract<ElementwiseOp> {
    /** Off the width of vectors and of Philox blocks. */
    private static final int COUNT = 1031;

    ElementwiseContract() {
        super(ElementwiseOp.class);
    }

    /** One function with its equation. */
    private record Function(Activation activation, DoubleUnaryOperator equation) {
        @Override
        public String toString() {
            return activation.toString();
        }
    }

    static List<Function> functions() {
        return List.of(
                new Function(Activation.SIGMOID, x -> 1 / (1 + Math.exp(-x))),
                new Function(Activation.TANH, Math::tanh),
                new Function(Activation.RELU, x -> Math.max(x, 0)),
                new Function(Activation.leakyRelu(0.1f), x -> x > 0 ? x : 0.1f * x),
                new Function(Activation.elu(1.5f), x -> x > 0 ? x : 1.5 * Math.expm1(x)),
                new Function(Activation.GELU, ElementwiseContract::gelu),
                new Function(Activation.SILU, x -> x / (1 + Math.exp(-x))),
                new Function(Activation.SOFTPLUS, x -> x > 30 ? x : Math.log1p(Math.exp(x))),
                new Function(Activation.EXP, Math::exp));
    }

    /** x times the normal distribution function, which is integrated by Simpson's rule. */
    private static double gelu(double x) {
        int pieces = 2000;
        double width = Math.max(-40, Math.min(40, x)) / pieces;
        double sum = density(0) + density(pieces * width);
        for (int i = 1; i < pieces; i++) {
            sum += (i % 2 == 1 ? 4 : 2) * density(i * width);
        }
        return x * (0.5 + sum * width / 3);
    }

    private static double density(double x) {
        return Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    }

    private static float[] arguments() {
        float[] x = gaussian(1, COUNT);
        for (int i = 0; i < x.length; i++) {
            x[i] *= 3;
        }
        return x;
    }

    @ParameterizedTest
    @MethodSource("functions")
    void activationsAgreeWithTheirEquations(Function function) {
        float[] x = arguments();
        float[] dy = gaussian(2, COUNT);
        double[] y = new double[COUNT];
        double[] dx = new double[COUNT];
        for (int i = 0; i < COUNT; i++) {
            y[i] = function.equation().applyAsDouble(x[i]);
            double step = 1e-5;
            dx[i] = dy[i]
                    * (function.equation().applyAsDouble(x[i] + step)
                            - function.equation().applyAsDouble(x[i] - step))
                    / (2 * step);
        }
        Tensor tx = guarded.input("x", x, COUNT);
        Tensor ty = guarded.output("y", COUNT);
        Tensor tdx = guarded.output("dx", COUNT);
        op.activate(function.activation(), tx, ty);
        Compare.assertClose("y", ty.toFloats(), y, 1e-6);
        op.activateBackward(function.activation(), tx, ty, guarded.input("dy", dy, COUNT), tdx);
        Compare.assertClose("dx", tdx.toFloats(), dx, 2e-6);
        guarded.check();

        op.activate(function.activation(), tx, tx);
        Compare.assertSameBits("y over x", tx.toFloats(), ty.toFloats());
    }

    @ParameterizedTest
    @MethodSource("functions")
    void activationsSaturateAndPassNanOn(Function function) {
        float[] x = {Float.NaN, 1e4f, -1e4f, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 0f};
        Tensor tx = guarded.input("x", x, x.length);
        Tensor y = guarded.output("y", x.length);
        op.activate(function.activation(), tx, y);
        float[] actual = y.toFloats();
        assertThat(actual[0]).isNaN();
        // GELU and SiLU multiply their argument with something that goes to 0: at infinity they have no value.
        boolean product = List.of(Activation.GELU, Activation.SILU).contains(function.activation());
        for (int i = 1; i < x.length; i++) {
            if (!product || Float.isFinite(x[i])) {
                assertThat(actual[i]).as("f(%s)", x[i]).isNotNaN();
            }
        }
        assertThat((double) actual[1]).isCloseTo(function.equation().applyAsDouble(1e4), withinPercentage(1e-4));
        assertThat((double) actual[5]).isEqualTo(function.equation().applyAsDouble(0), offset(1e-7));
    }

    @ParameterizedTest
    @EnumSource(Binary.class)
    void combinesTwoTensors(Binary operator) {
        float[] a = gaussian(3, COUNT);
        float[] b = gaussian(4, COUNT);
        double[] expected = new double[COUNT];
        for (int i = 0; i < COUNT; i++) {
            expected[i] = switch (operator) {
                case ADD -> (double) a[i] + b[i];
                case SUBTRACT -> (double) a[i] - b[i];
                case MULTIPLY -> (double) a[i] * b[i];
                case AVERAGE -> ((double) a[i] + b[i]) / 2;
                case DIVIDE -> (double) a[i] / b[i];
                case MAXIMUM -> Math.max(a[i], b[i]);
            };
        }
        Tensor ta = guarded.input("a", a, COUNT);
        Tensor tb = guarded.input("b", b, COUNT);
        Tensor y = guarded.output("y", COUNT);
        op.combine(operator, ta, tb, y);
        Compare.assertClose("y", y.toFloats(), expected, 1e-7);
        guarded.check();
        op.combine(operator, ta, tb, tb);
        Compare.assertSameBits("y over b", tb.toFloats(), y.toFloats());
    }

    @Test
    void theMaximumPassesNanOn() {
        float[] a = {Float.NaN, 1f, Float.NaN, Float.NEGATIVE_INFINITY, 2f};
        float[] b = {1f, Float.NaN, Float.NaN, Float.POSITIVE_INFINITY, 2f};
        Tensor y = guarded.output("y", a.length);
        op.combine(Binary.MAXIMUM, guarded.input("a", a, a.length), guarded.input("b", b, a.length), y);
        assertThat(y.toFloats()).containsExactly(Float.NaN, Float.NaN, Float.NaN, Float.POSITIVE_INFINITY, 2f);
        guarded.check();
    }

    @Test
    void scalesAndAdds() {
        float[] x = gaussian(5, COUNT);
        float[] y = gaussian(6, COUNT);
        double[] scaled = new double[COUNT];
        double[] added = new double[COUNT];
        for (int i = 0; i < COUNT; i++) {
            scaled[i] = -2.5 * x[i];
            added[i] = y[i] - 2.5 * x[i];
        }
        Tensor tx = guarded.input("x", x, COUNT);
        Tensor ty = guarded.output("y", COUNT);
        ty.write(y);
        op.addScaled(-2.5f, tx, ty);
        Compare.assertClose("y", ty.toFloats(), added, 1e-6);
        op.scale(-2.5f, tx, ty);
        Compare.assertClose("y", ty.toFloats(), scaled, 1e-7);
        guarded.check();
        op.scale(-2.5f, tx, tx);
        Compare.assertSameBits("y over x", tx.toFloats(), ty.toFloats());
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, 1L << 33, Long.MIN_VALUE})
    void dropoutMasksAreThoseOfPhilox(long seed) {
        float[] x = gaussian(7, COUNT);
        x[3] = Float.NaN;
        x[4] = Float.POSITIVE_INFINITY;
        Tensor tx = guarded.input("x", x, COUNT);
        Tensor ty = guarded.output("y", COUNT);
        int stream = (int) seed + 3;
        int kept = 0;
        op.dropout(0.3f, seed, stream, tx, ty);
        float[] y = ty.toFloats();
        int[] words = new int[4];
        for (int i = 0; i < COUNT; i++) {
            Philox.words(seed, stream, i / 4, words);
            if (Philox.uniform(words[i % 4]) >= 0.3f) {
                kept++;
                double expected = x[i] / (1 - 0.3f);
                if (!Float.isFinite(x[i])) {
                    assertThat(Float.compare(y[i], x[i]))
                            .as("y[%d]: %s", i, y[i])
                            .isZero();
                } else {
                    assertThat(Math.abs(y[i] - expected) / Math.abs(expected))
                            .as("relative error of y[%d]", i)
                            .isLessThan(3e-7);
                }
            } else {
                assertThat(y[i]).as("y[%d]", i).isZero();
            }
        }
        assertThat(kept / (double) COUNT).isBetween(0.6, 0.8);
        guarded.check();
        op.dropout(0.3f, seed, stream, tx, tx);
        Compare.assertSameBits("y over x", tx.toFloats(), y);
        op.dropout(0f, seed, stream, ty, ty);
        Compare.assertSameBits("nothing dropped", ty.toFloats(), y);
    }

    @Test
    void badArgumentsGiveTheSameMessagesEverywhere() {
        Tensor x = scope.zeros("x", 3, 4);
        Tensor y = scope.zeros("y", 4, 3);
        refused("y: expected shape [3, 4], got [4, 3]", () -> op.activate(Activation.TANH, x, y));
        refused("b: expected shape [3, 4], got [4, 3]", () -> op.combine(Binary.ADD, x, y, x));
        refused("p: expected 0 <= p < 1, got 1.0", () -> op.dropout(1f, 0, 0, x, x));
        refused("p: expected 0 <= p < 1, got NaN", () -> op.dropout(Float.NaN, 0, 0, x, x));
        refused("x: expected elements of F32, got I32", () -> op.scale(1f, scope.i32("labels", 3), x));
        refused("y: given twice in one call", () -> op.addScaled(1f, x, x));
        Tensor room = scope.zeros("room", 30);
        refused(
                "y: must be x itself or not overlap it, but overlaps a part of it",
                () -> op.scale(2f, room.part("a", 0, Shape.of(12)), room.part("b", 4, Shape.of(12))));
    }
}
