package org.gatefold.contract;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.gatefold.op.pooling.PoolingOp;
import org.gatefold.op.pooling.PoolingSpec;
import org.gatefold.op.pooling.PoolingSpec.Kind;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every implementation of pooling is held to: the values that the ONNX operators' node tests publish for {@code MaxPool} and
 * {@code AveragePool}, and the definition, computed in double precision from the side of the windows on padded arrays.
 */
abstract class PoolingContract extends OperationContract<PoolingOp> {
    PoolingContract() {
        super(PoolingOp.class);
    }

    /** {@code [1, 1, 5, 5]}, the numbers 1 to 25, as in the ONNX node tests. */
    private Tensor numbered() {
        float[] x = new float[25];
        for (int i = 0; i < x.length; i++) {
            x[i] = i + 1;
        }
        return guarded.input("x", x, 1, 1, 5, 5);
    }

    private void assertPools(PoolingSpec spec, int height, int width, double... expected) {
        Tensor y = guarded.output("y", 1, 1, height, width);
        op.forward(spec, numbered(), null, y);
        Compare.assertClose("y", y.toFloats(), expected, 1e-6);
        guarded.check();
    }

    /** ONNX {@code maxpool_2d_precomputed_pads}. */
    @Test
    void maximaAgreeWithOnnx() {
        assertPools(
                new PoolingSpec(Kind.MAX, true, 5, 5, 1, 1, 2, 2, false),
                5,
                5,
                13,
                14,
                15,
                15,
                15,
                18,
                19,
                20,
                20,
                20,
                23,
                24,
                25,
                25,
                25,
                23,
                24,
                25,
                25,
                25,
                23,
                24,
                25,
                25,
                25);
    }

    /** ONNX {@code maxpool_2d_precomputed_strides}, and {@code _same_upper}: a kernel of 3, strides of 2, one row of padding. */
    @Test
    void stridedMaximaAgreeWithOnnx() {
        assertPools(new PoolingSpec(Kind.MAX, true, 2, 2, 2, 2, 0, 0, false), 2, 2, 7, 9, 17, 19);
        assertPools(new PoolingSpec(Kind.MAX, true, 3, 3, 2, 2, 1, 1, false), 3, 3, 7, 9, 10, 17, 19, 20, 22, 24, 25);
    }

    /** ONNX {@code averagepool_2d_precomputed_pads} and {@code _pads_count_include_pad}. */
    @Test
    void meansAgreeWithOnnx() {
        assertPools(
                new PoolingSpec(Kind.AVERAGE, true, 5, 5, 1, 1, 2, 2, false),
                5,
                5,
                7,
                7.5,
                8,
                8.5,
                9,
                9.5,
                10,
                10.5,
                11,
                11.5,
                12,
                12.5,
                13,
                13.5,
                14,
                14.5,
                15,
                15.5,
                16,
                16.5,
                17,
                17.5,
                18,
                18.5,
                19);
        assertPools(
                new PoolingSpec(Kind.AVERAGE, true, 5, 5, 1, 1, 2, 2, true),
                5,
                5,
                2.5200,
                3.6000,
                4.8000,
                4.0800,
                3.2400,
                4.5600,
                6.4000,
                8.4000,
                7.0400,
                5.5200,
                7.2000,
                10.0000,
                13.0000,
                10.8000,
                8.4000,
                6.9600,
                9.6000,
                12.4000,
                10.2400,
                7.9200,
                6.1200,
                8.4000,
                10.8000,
                8.8800,
                6.8400);
    }

    /** ONNX {@code averagepool_2d_precomputed_strides} and {@code _same_upper}. */
    @Test
    void stridedMeansAgreeWithOnnx() {
        assertPools(new PoolingSpec(Kind.AVERAGE, true, 2, 2, 2, 2, 0, 0, false), 2, 2, 4, 6, 14, 16);
        assertPools(
                new PoolingSpec(Kind.AVERAGE, true, 3, 3, 2, 2, 1, 1, false),
                3,
                3,
                4,
                5.5,
                7,
                11.5,
                13,
                14.5,
                19,
                20.5,
                22);
    }

    /** Of equal numbers the first gets the gradient, as in PyTorch; a NaN is the largest. */
    @Test
    void gradientsOfEqualNumbersGoToTheFirst() {
        PoolingSpec spec = new PoolingSpec(Kind.MAX, true, 2, 2, 1, 1, 0, 0, false);
        Tensor x = guarded.input("x", new float[] {1, 3, 3, 3, 3, 3, 0, 3, Float.NaN}, 1, 1, 3, 3);
        Tensor y = guarded.output("y", 1, 1, 2, 2);
        op.forward(spec, x, null, y);
        Compare.assertSameBits("y", y.toFloats(), new float[] {3, 3, 3, Float.NaN});
        Tensor dx = guarded.output("dx", 1, 1, 3, 3);
        op.backward(spec, x, null, y, guarded.input("dy", new float[] {1, 2, 4, 8}, 1, 1, 2, 2), dx);
        Compare.assertSameBits("dx", dx.toFloats(), new float[] {0, 3, 0, 4, 0, 0, 0, 0, 8});
        guarded.check();
    }

    /** Sizes of one call; of steps, height is T and width 1. */
    private record Sizes(
            PoolingSpec spec,
            int count,
            int channels,
            int height,
            int width,
            int outHeight,
            int outWidth,
            boolean ragged) {
        int valid(int n) {
            return ragged ? new int[] {height, 0, (height + 1) / 2}[n % 3] : height;
        }

        int place(int n, int c, int row, int column, int ofHeight, int ofWidth) {
            return spec.images()
                    ? ((n * channels + c) * ofHeight + row) * ofWidth + column
                    : (row * count + n) * channels + c;
        }

        int[] shape(int ofHeight, int ofWidth) {
            return spec.images()
                    ? new int[] {count, channels, ofHeight, ofWidth}
                    : new int[] {ofHeight, count, channels};
        }
    }

    static Stream<Sizes> sizes() {
        return Stream.of(Kind.values())
                .flatMap(kind -> Stream.of(
                        new Sizes(PoolingSpec.steps(kind, 1, 1, 0, false), 1, 1, 1, 1, 1, 1, false),
                        new Sizes(PoolingSpec.steps(kind, 3, 1, 1, true), 3, 5, 11, 1, 11, 1, true),
                        new Sizes(PoolingSpec.steps(kind, 4, 3, 3, false), 3, 131, 23, 1, 8, 1, true),
                        new Sizes(PoolingSpec.steps(kind, 5, 2, 0, false), 4, 64, 200, 1, 98, 1, false),
                        new Sizes(PoolingSpec.steps(kind, 2, 3, 1, true), 4, 3, 20, 1, 9, 1, true),
                        new Sizes(new PoolingSpec(kind, true, 1, 1, 1, 1, 0, 0, false), 2, 3, 5, 5, 5, 5, false),
                        new Sizes(new PoolingSpec(kind, true, 2, 2, 2, 2, 0, 0, false), 2, 5, 7, 9, 3, 4, false),
                        new Sizes(new PoolingSpec(kind, true, 3, 2, 1, 3, 2, 1, true), 3, 4, 11, 8, 13, 3, false),
                        new Sizes(new PoolingSpec(kind, true, 9, 13, 1, 1, 0, 0, false), 2, 7, 9, 13, 1, 1, false),
                        new Sizes(new PoolingSpec(kind, true, 3, 3, 1, 1, 1, 1, false), 1, 16, 28, 28, 28, 28, false),
                        new Sizes(new PoolingSpec(kind, true, 2, 2, 2, 2, 0, 0, false), 2, 3, 7, 71, 3, 35, false),
                        new Sizes(new PoolingSpec(kind, true, 3, 2, 3, 2, 1, 0, true), 2, 2, 8, 40, 3, 20, false)));
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void agreesWithTheDefinition(Sizes s) {
        PoolingSpec spec = s.spec();
        int[] in = s.shape(s.height(), s.width());
        int[] out = s.shape(s.outHeight(), s.outWidth());
        float[] x = gaussian(1, elements(in));
        float[] dy = gaussian(2, elements(out));
        double[] y = new double[dy.length];
        double[] dx = new double[x.length];
        for (int n = 0; n < s.count(); n++) {
            for (int c = 0; c < s.channels(); c++) {
                // Where the numbers of the row and channel stand, with padding round them: -1.
                int rows = s.outHeight() * spec.strideHeight() + spec.kernelHeight() + s.height();
                int columns = s.outWidth() * spec.strideWidth() + spec.kernelWidth() + s.width();
                int[][] at = new int[rows][columns];
                for (int[] line : at) {
                    Arrays.fill(line, -1);
                }
                for (int row = 0; row < s.valid(n); row++) {
                    for (int column = 0; column < s.width(); column++) {
                        at[row + spec.paddingTop()][column + spec.paddingLeft()] =
                                s.place(n, c, row, column, s.height(), s.width());
                    }
                }
                for (int p = 0; p < s.outHeight(); p++) {
                    for (int q = 0; q < s.outWidth(); q++) {
                        int to = s.place(n, c, p, q, s.outHeight(), s.outWidth());
                        int top = p * spec.strideHeight();
                        int left = q * spec.strideWidth();
                        int[] has = Stream.of(Arrays.copyOfRange(at, top, top + spec.kernelHeight()))
                                .flatMapToInt(line -> Arrays.stream(line, left, left + spec.kernelWidth()))
                                .filter(index -> index >= 0)
                                .toArray();
                        if (has.length == 0) {
                            continue;
                        }
                        if (spec.kind() == Kind.MAX) {
                            int best = has[0];
                            for (int index : has) {
                                best = x[index] > x[best] ? index : best;
                            }
                            y[to] = x[best];
                            dx[best] += dy[to];
                        } else {
                            double size = spec.countPadding() ? spec.kernelHeight() * spec.kernelWidth() : has.length;
                            for (int index : has) {
                                y[to] += x[index] / size;
                                dx[index] += dy[to] / size;
                            }
                        }
                    }
                }
            }
        }
        int[] rows = IntStream.range(0, s.count()).map(s::valid).toArray();
        Lengths lengths = s.ragged() ? padded(s.height(), x, s.channels(), rows) : null;
        Tensor given = guarded.input("x", x, in);
        Tensor ty = guarded.output("y", out);
        op.forward(spec, given, lengths, ty);
        Compare.assertClose("y", ty.toFloats(), y, 2e-6);
        Tensor tdx = guarded.output("dx", in);
        op.backward(spec, given, lengths, ty, guarded.input("dy", dy, out), tdx);
        Compare.assertClose("dx", tdx.toFloats(), dx, 2e-6);
        guarded.check();
    }

    private static int elements(int... shape) {
        return Arrays.stream(shape).reduce(1, Math::multiplyExact);
    }

    @Test
    void badArgumentsGiveTheSameMessagesEverywhere() {
        PoolingSpec spec = PoolingSpec.steps(Kind.MAX, 3, 1, 0, false);
        PoolingSpec images = new PoolingSpec(Kind.MAX, true, 2, 2, 2, 2, 0, 0, false);
        Tensor x = scope.zeros("x", 5, 2, 4);
        Tensor y = scope.zeros("y", 3, 2, 4);
        refused("kernelHeight: expected at least 1, got 0", () -> PoolingSpec.steps(Kind.MAX, 0, 1, 0, false));
        refused("kind: expected a value, got null", () -> PoolingSpec.steps(null, 1, 1, 0, false));
        refused(
                "kernelWidth: expected 1 for steps, which have no width, got 2 with stride 1 and padding 0",
                () -> new PoolingSpec(Kind.MAX, false, 1, 2, 1, 1, 0, 0, false));
        refused("spec: expected a value, got null", () -> op.forward(null, x, null, y));
        refused("x: expected shape [T, N, C], got [5, 8]", () -> op.forward(spec, scope.zeros("flat", 5, 8), null, y));
        refused(
                "y: expected shape [3, 2, 4], got [3, 2, 5]",
                () -> op.forward(spec, x, null, scope.zeros("y", 3, 2, 5)));
        refused(
                "lengths: expected 2 rows of at most 5 steps, got 2 rows of at most 3",
                () -> op.forward(spec, x, scope.lengths(3, 1, 2), y));
        refused(
                "lengths: expected none, since images have no steps",
                () -> op.forward(
                        images, scope.zeros("x", 1, 1, 2, 2), scope.lengths(1, 1), scope.zeros("y", 1, 1, 1, 1)));
        refused(
                "y: given twice in one call",
                () -> op.forward(PoolingSpec.steps(Kind.MAX, 1, 1, 0, false), x, null, x));
        refused(
                "dx: expected shape [5, 2, 4], got [3, 2, 4]",
                () -> op.backward(spec, x, null, y, y, scope.zeros("dx", 3, 2, 4)));
    }
}
