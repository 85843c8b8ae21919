package org.gatefold.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.Arrays;
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
                new Function(Activation.EXP, Math::exp),
                new Function(Activation.hardSigmoid(0.3f, 0.45f), x -> Math.min(1, Math.max(0, 0.3f * x + 0.45f))),
                new Function(Activation.HARD_SIGMOID_SIXTH, x -> Math.min(1, Math.max(0, x / 6 + 0.5))),
                new Function(Activation.SOFTSIGN, x -> x / (1 + Math.abs(x))),
                new Function(Activation.clip(-1.5f, 2.25f), x -> Math.min(2.25, Math.max(-1.5, x))),
                new Function(Activation.selu(1.5f, 0.7f), x -> 0.7f * (x > 0 ? x : 1.5 * Math.expm1(x))),
                new Function(Activation.MISH, x -> x * Math.tanh(x > 30 ? x : Math.log1p(Math.exp(x)))),
                new Function(Activation.HARD_SWISH, x -> x * Math.min(1, Math.max(0, x / 6 + 0.5))),
                new Function(
                        Activation.GELU_TANH,
                        x -> x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)))),
                new Function(Activation.thresholdedRelu(0.4f), x -> x > 0.4f ? x : 0));
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
        // These multiply their argument with something that goes to 0, or divide it by itself: at infinity they have no
        // value.
        boolean undefined = List.of(
                        Activation.GELU,
                        Activation.SILU,
                        Activation.SOFTSIGN,
                        Activation.MISH,
                        Activation.HARD_SWISH,
                        Activation.GELU_TANH)
                .contains(function.activation());
        for (int i = 1; i < x.length; i++) {
            if (!undefined || Float.isFinite(x[i])) {
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
                case MINIMUM -> Math.min(a[i], b[i]);
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
    void extremesPassNanOn() {
        float[] a = {Float.NaN, 1f, Float.NaN, Float.NEGATIVE_INFINITY, 2f};
        float[] b = {1f, Float.NaN, Float.NaN, Float.POSITIVE_INFINITY, 2f};
        Tensor ta = guarded.input("a", a, a.length);
        Tensor tb = guarded.input("b", b, a.length);
        Tensor y = guarded.output("y", a.length);
        op.combine(Binary.MAXIMUM, ta, tb, y);
        assertThat(y.toFloats()).containsExactly(Float.NaN, Float.NaN, Float.NaN, Float.POSITIVE_INFINITY, 2f);
        op.combine(Binary.MINIMUM, ta, tb, y);
        assertThat(y.toFloats()).containsExactly(Float.NaN, Float.NaN, Float.NaN, Float.NEGATIVE_INFINITY, 2f);
        guarded.check();
    }

    /** What {@code torch.nn.functional} 1.13 computed in double precision, forward and backward; Keras 3.16 gives the same values. */
    private static final class Golden {
        private final Activation activation;
        private final double[] y;
        private final double[] dx;

        Golden(Activation activation, double[] y, double[] dx) {
            this.activation = activation;
            this.y = y;
            this.dx = dx;
        }

        @Override
        public String toString() {
            return activation.toString();
        }
    }

    private static final float[] GOLDEN_X = {-7.5f, -3.5f, -2.25f, -0.8f, -0.3f, 0.1f, 0.4f, 1.5f, 2.5f, 4f, 6.5f};

    static List<Golden> golden() {
        return List.of(
                new Golden(
                        Activation.HARD_SIGMOID_SIXTH,
                        new double[] {0, 0, 0.125, 0.366666667, 0.45, 0.516666667, 0.566666667, 0.75, 0.916666667, 1, 1
                        },
                        new double[] {
                            0,
                            0,
                            0.166666667,
                            0.166666667,
                            0.166666667,
                            0.166666667,
                            0.166666667,
                            0.166666667,
                            0.166666667,
                            0,
                            0
                        }),
                new Golden(
                        Activation.SOFTSIGN,
                        new double[] {
                            -0.882352941,
                            -0.777777778,
                            -0.692307692,
                            -0.444444444,
                            -0.230769231,
                            0.0909090909,
                            0.285714286,
                            0.6,
                            0.714285714,
                            0.8,
                            0.866666667
                        },
                        new double[] {
                            0.0138408304,
                            0.049382716,
                            0.0946745562,
                            0.308641975,
                            0.591715976,
                            0.826446281,
                            0.510204082,
                            0.16,
                            0.0816326531,
                            0.04,
                            0.0177777778
                        }),
                new Golden(
                        Activation.clip(-1f, 1f),
                        new double[] {-1, -1, -1, -0.8, -0.3, 0.1, 0.4, 1, 1, 1, 1},
                        new double[] {0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0}),
                new Golden(Activation.RELU6, new double[] {0, 0, 0, 0, 0, 0.1, 0.4, 1.5, 2.5, 4, 6}, new double[] {
                    0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0
                }),
                new Golden(
                        Activation.SELU,
                        new double[] {
                            -1.75712696,
                            -1.70500934,
                            -1.57279703,
                            -0.968134385,
                            -0.455667315,
                            0.105070099,
                            0.420280395,
                            1.57605148,
                            2.62675247,
                            4.20280395,
                            6.82955642
                        },
                        new double[] {
                            0.000972377267,
                            0.0530899999,
                            0.185302307,
                            0.789964956,
                            1.30243203,
                            1.05070099,
                            1.05070099,
                            1.05070099,
                            1.05070099,
                            1.05070099,
                            1.05070099
                        }),
                new Golden(
                        Activation.MISH,
                        new double[] {
                            -0.00414698564,
                            -0.104095754,
                            -0.224713119,
                            -0.283963263,
                            -0.151133177,
                            0.0631794175,
                            0.289030534,
                            1.40337827,
                            2.4713923,
                            3.99741281,
                            6.4999707
                        },
                        new double[] {
                            -0.00359290709,
                            -0.0727604134,
                            -0.112523903,
                            0.13818235,
                            0.408510877,
                            0.663336821,
                            0.837017503,
                            1.08848799,
                            1.04112953,
                            1.00443288,
                            1.000054
                        }),
                new Golden(
                        Activation.HARD_SWISH,
                        new double[] {
                            0, 0, -0.28125, -0.293333333, -0.135, 0.0516666667, 0.226666667, 1.125, 2.29166667, 4, 6.5
                        },
                        new double[] {0, 0, -0.25, 0.233333333, 0.4, 0.533333333, 0.633333333, 1, 1.33333333, 1, 1}),
                new Golden(
                        Activation.GELU_TANH,
                        new double[] {
                            0,
                            -0.000616197655,
                            -0.0272013299,
                            -0.169568309,
                            -0.114629076,
                            0.053982751,
                            0.262161169,
                            1.39957158,
                            2.48491573,
                            3.99992975,
                            6.5
                        },
                        new double[] {
                            0,
                            -0.00242264376,
                            -0.0599145345,
                            -0.0195837311,
                            0.267704548,
                            0.579521789,
                            0.802658834,
                            1.12771079,
                            1.03795158,
                            1.00033512,
                            1
                        }),
                new Golden(
                        Activation.thresholdedRelu(0.25f),
                        new double[] {0, 0, 0, 0, 0, 0, 0.4, 1.5, 2.5, 4, 6.5},
                        new double[] {0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1}));
    }

    @ParameterizedTest
    @MethodSource("golden")
    void activationsAgreeWithPyTorch(Golden golden) {
        int count = GOLDEN_X.length;
        Tensor x = guarded.input("x", GOLDEN_X, count);
        Tensor y = guarded.output("y", count);
        Tensor dx = guarded.output("dx", count);
        op.activate(golden.activation, x, y);
        Compare.assertClose("y", y.toFloats(), golden.y, 1e-6);
        float[] ones = new float[count];
        Arrays.fill(ones, 1f);
        op.activateBackward(golden.activation, x, y, guarded.input("dy", ones, count), dx);
        Compare.assertClose("dx", dx.toFloats(), golden.dx, 1e-6);
        guarded.check();
    }

    /** PyTorch's choice where a rectifier has bounds. */
    @Test
    void boundsHaveNoSlope() {
        float[] x = {-1f, 0f, 6f, 7f};
        Tensor tx = guarded.input("x", x, x.length);
        Tensor y = guarded.output("y", x.length);
        Tensor dx = guarded.output("dx", x.length);
        Tensor dy = guarded.input("dy", new float[] {1f, 1f, 1f, 1f}, x.length);
        op.activate(Activation.RELU6, tx, y);
        assertThat(y.toFloats()).containsExactly(0f, 0f, 6f, 6f);
        op.activateBackward(Activation.RELU6, tx, y, dy, dx);
        assertThat(dx.toFloats()).containsExactly(0f, 0f, 0f, 0f);
        Activation eighth = Activation.hardSigmoid(0.125f, 0.25f); // 0 at -2, 1 at 6
        op.activate(eighth, tx, y);
        op.activateBackward(eighth, tx, y, dy, dx);
        assertThat(dx.toFloats()).containsExactly(0.125f, 0.125f, 0f, 0f);
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
