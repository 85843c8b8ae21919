package org.gatefold.contract;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.gatefold.op.convolution.ConvolutionOp;
import org.gatefold.op.convolution.ConvolutionSpec;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every implementation of convolutions is held to: values of Keras 3.15 (Conv1D and Conv2D, gradients by JAX), and sums of
 * products in double precision on arrays that are laid out otherwise.
 */
abstract class ConvolutionContract extends OperationContract<ConvolutionOp> {
    ConvolutionContract() {
        super(ConvolutionOp.class);
    }

    /** The numbers of the runs of Keras: quarters from -5 to 5. */
    private static float[] quarters(int count, int shift) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = ((i * 7 + shift) % 11 - 5) / 4f;
        }
        return values;
    }

    /** Batch-first {@code [N, T, C]} to steps {@code [T, N, C]}. */
    private static float[] timeMajor(float[] values, int rows, int steps) {
        int width = values.length / rows / steps;
        float[] result = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            int row = i / width / steps;
            int step = i / width % steps;
            result[(step * rows + row) * width + i % width] = values[i];
        }
        return result;
    }

    /** One image {@code [H, W, C]} to {@code [C, H, W]}. */
    private static float[] channelsFirst(float[] values, int channels) {
        int places = values.length / channels;
        float[] result = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i % channels * places + i / channels] = values[i];
        }
        return result;
    }

    private static double[] doubles(float... values) {
        return Compare.doubles(values);
    }

    /** {@code Conv1D(2, 2, dilation_rate=2, groups=2, padding="causal")} on two rows of four steps of four channels. */
    @Test
    void stepsAgreeWithKeras() {
        ConvolutionSpec spec = ConvolutionSpec.steps(2, 1, 2, 2, 2);
        Tensor x = guarded.input("x", timeMajor(quarters(32, 0), 2, 4), 4, 2, 4);
        Tensor w = guarded.input("w", quarters(8, 3), 2, 2, 2);
        Tensor y = guarded.output("y", 4, 2, 2);
        op.forward(spec, x, null, w, guarded.input("b", quarters(2, 1), 2), y);
        float[] expected = {
            -2.9375f, 1.6875f, -0.125f, 0.75f, -2.0625f, -1.9375f, -0.3125f, 1.9375f, -2.6875f, 0f, 0.125f, 1.125f,
            -1.9375f, 1.1875f, -0.1875f, -0.4375f
        };
        Compare.assertClose("y", y.toFloats(), doubles(timeMajor(expected, 2, 4)), 1e-6);
        Tensor dx = guarded.output("dx", 4, 2, 4);
        Tensor dw = guarded.accumulator("dw", 1f, 2, 2, 2);
        Tensor db = guarded.accumulator("db", 1f, 2);
        op.backward(spec, x, null, w, guarded.input("dy", timeMajor(quarters(16, 2), 2, 4), 4, 2, 2), dx, dw, db);
        float[] ofX = {
            -1.3125f, 0.75f, -0.25f, 1f, 0.625f, -0.3125f, 0.5f, -1.25f, 0.9375f, -0.5625f, 0f, -0.1875f, -1.5625f,
            0.9375f, 0f, 0.375f, -1.125f, 0.625f, 0f, 0.9375f, 0.8125f, -0.4375f, 0.75f, -1.3125f, 1.25f, -0.75f, 0f,
            0f, -1.25f, 0.75f, 0f, 0.5625f
        };
        Compare.assertClose("dx", dx.toFloats(), doubles(timeMajor(ofX, 2, 4)), 1e-6);
        Compare.assertClose(
                "dw", dw.toFloats(), new double[] {-1.75, -0.375, 3.5625, 2.5, 0.6875, 0.375, 1.0625, 1.625}, 1e-6);
        Compare.assertClose("db", db.toFloats(), new double[] {-0.5, 2.5}, 1e-6);
        guarded.check();
    }

    /** {@code Conv2D(2, (2, 2), strides=(2, 1))} on an image of four by three places of two channels. */
    @Test
    void imagesAgreeWithKeras() {
        ConvolutionSpec spec = new ConvolutionSpec(true, 2, 2, 2, 1, 1, 1, 0, 0, 1);
        Tensor x = guarded.input("x", channelsFirst(quarters(24, 0), 2), 1, 2, 4, 3);
        Tensor w = guarded.input("w", quarters(16, 3), 2, 2, 2, 2);
        Tensor y = guarded.output("y", 1, 2, 2, 2);
        op.forward(spec, x, null, w, guarded.input("b", quarters(2, 1), 2), y);
        float[] expected = {1.0625f, 4.375f, -0.9375f, -0.25f, 0.0625f, -1.375f, -0.5625f, 3.625f};
        Compare.assertClose("y", y.toFloats(), doubles(channelsFirst(expected, 2)), 1e-6);
        Tensor dx = guarded.output("dx", 1, 2, 4, 3);
        Tensor dw = guarded.accumulator("dw", 1f, 2, 2, 2, 2);
        Tensor db = guarded.accumulator("db", 1f, 2);
        op.backward(spec, x, null, w, guarded.input("dy", channelsFirst(quarters(8, 2), 2), 1, 2, 2, 2), dx, dw, db);
        float[] ofX = {
            0.125f, 0.5f, -1.9375f, -1f, 1.25f, -0.25f, 0.3125f, 0f, -0.4375f, 1.1875f, 0.5f, -1f, -0.3125f, 0.4375f,
            1.75f, -0.6875f, -2.1875f, 0.125f, 0.0625f, -0.5625f, -0.5f, 1.1875f, 0.6875f, -0.4375f
        };
        Compare.assertClose("dx", dx.toFloats(), doubles(channelsFirst(ofX, 2)), 1e-6);
        Compare.assertClose(
                "dw",
                dw.toFloats(),
                new double[] {
                    0.75, 3.25, -0.6875, 3.875, -0.0625, -1.0, 0.5625, -0.375, 0.75, -0.4375, 3.375, -0.5625, 0.5,
                    3.4375, 0.375, 3.3125
                },
                1e-6);
        Compare.assertClose("db", db.toFloats(), new double[] {-0.25, 1.25}, 1e-6);
        guarded.check();
    }

    /** Sizes of one call; of steps, height is T and width 1. */
    private record Sizes(
            ConvolutionSpec spec,
            int count,
            int channels,
            int height,
            int width,
            int outputs,
            int outHeight,
            int outWidth,
            boolean ragged) {
        int depth() {
            return channels / spec.groups();
        }

        int valid(int n) {
            return ragged ? new int[] {height, 0, (height + 1) / 2}[n % 3] : height;
        }
    }

    static Stream<Sizes> sizes() {
        return Stream.of(
                new Sizes(ConvolutionSpec.steps(1, 1, 1, 0, 1), 1, 1, 1, 1, 1, 1, 1, false),
                new Sizes(ConvolutionSpec.steps(3, 1, 1, 1, 1), 3, 5, 11, 1, 17, 11, 1, true),
                new Sizes(ConvolutionSpec.steps(4, 3, 2, 5, 1), 3, 19, 23, 1, 7, 9, 1, true),
                new Sizes(ConvolutionSpec.steps(5, 1, 3, 12, 3), 5, 6, 16, 1, 9, 16, 1, true),
                new Sizes(ConvolutionSpec.steps(9, 1, 1, 0, 8), 4, 64, 200, 1, 64, 192, 1, false),
                new Sizes(new ConvolutionSpec(true, 1, 1, 1, 1, 1, 1, 0, 0, 1), 2, 3, 5, 5, 4, 5, 5, false),
                new Sizes(new ConvolutionSpec(true, 3, 3, 1, 1, 1, 1, 1, 1, 1), 2, 5, 7, 9, 6, 7, 9, false),
                new Sizes(new ConvolutionSpec(true, 3, 2, 2, 3, 2, 1, 1, 0, 2), 3, 4, 11, 8, 10, 4, 3, false),
                new Sizes(new ConvolutionSpec(true, 1, 3, 1, 1, 1, 1, 0, 1, 1), 2, 23, 1, 1, 37, 1, 1, false),
                new Sizes(new ConvolutionSpec(true, 1, 3, 1, 1, 1, 1, 0, 1, 1), 2, 23, 1, 2, 37, 1, 2, false),
                new Sizes(new ConvolutionSpec(true, 1, 256, 1, 128, 1, 1, 0, 0, 1), 1, 1, 1, 512, 258, 1, 3, false),
                new Sizes(new ConvolutionSpec(true, 3, 3, 1, 1, 1, 1, 1, 1, 2), 3, 6, 2, 2, 40, 2, 2, false),
                new Sizes(new ConvolutionSpec(true, 5, 5, 1, 1, 1, 1, 2, 2, 1), 1, 48, 28, 28, 16, 28, 28, false),
                new Sizes(new ConvolutionSpec(true, 3, 3, 1, 1, 2, 2, 2, 2, 1), 2, 16, 6, 70, 37, 6, 70, false),
                new Sizes(new ConvolutionSpec(true, 3, 3, 1, 1, 1, 1, 1, 1, 1), 2, 120, 5, 1, 24, 5, 1, false),
                new Sizes(new ConvolutionSpec(true, 3, 4, 1, 1, 1, 1, 1, 2, 2), 3, 40, 5, 7, 32, 5, 8, false));
    }

    /** One element of x or y by its logical place. */
    private static int place(boolean images, int count, int channels, int height, int width, int... at) {
        return images
                ? ((at[0] * channels + at[1]) * height + at[2]) * width + at[3]
                : (at[2] * count + at[0]) * channels + at[1];
    }

    private interface Term {
        void of(int x, int w, int y, int output);
    }

    /** Every product of the definition, from the side of x: which output it goes to by which weight. */
    private static void eachTerm(Sizes s, Term term) {
        ConvolutionSpec spec = s.spec();
        boolean images = spec.images();
        int ofGroup = s.outputs() / spec.groups();
        for (int n = 0; n < s.count(); n++) {
            for (int c = 0; c < s.channels(); c++) {
                for (int row = 0; row < s.valid(n); row++) {
                    for (int column = 0; column < s.width(); column++) {
                        for (int i = 0; i < spec.kernelHeight(); i++) {
                            for (int j = 0; j < spec.kernelWidth(); j++) {
                                int p = row + spec.paddingTop() - i * spec.dilationHeight();
                                int q = column + spec.paddingLeft() - j * spec.dilationWidth();
                                boolean reaches = p >= 0
                                        && q >= 0
                                        && p % spec.strideHeight() == 0
                                        && q % spec.strideWidth() == 0
                                        && p / spec.strideHeight() < s.outHeight()
                                        && q / spec.strideWidth() < s.outWidth();
                                for (int k = 0; k < ofGroup && reaches; k++) {
                                    int o = c / s.depth() * ofGroup + k;
                                    int w = ((o * s.depth() + c % s.depth()) * spec.kernelHeight() + i)
                                                    * spec.kernelWidth()
                                            + j;
                                    term.of(
                                            place(
                                                    images,
                                                    s.count(),
                                                    s.channels(),
                                                    s.height(),
                                                    s.width(),
                                                    n,
                                                    c,
                                                    row,
                                                    column),
                                            w,
                                            place(
                                                    images,
                                                    s.count(),
                                                    s.outputs(),
                                                    s.outHeight(),
                                                    s.outWidth(),
                                                    n,
                                                    o,
                                                    p / spec.strideHeight(),
                                                    q / spec.strideWidth()),
                                            o);
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    private static int[] shape(boolean images, int count, int channels, int height, int width) {
        return images ? new int[] {count, channels, height, width} : new int[] {height, count, channels};
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void agreesWithTheDefinition(Sizes s) {
        boolean images = s.spec().images();
        int[] in = shape(images, s.count(), s.channels(), s.height(), s.width());
        int[] out = shape(images, s.count(), s.outputs(), s.outHeight(), s.outWidth());
        int[] kernel = images
                ? new int[] {
                    s.outputs(), s.depth(), s.spec().kernelHeight(), s.spec().kernelWidth()
                }
                : new int[] {s.outputs(), s.depth(), s.spec().kernelHeight()};
        float[] x = gaussian(1, elements(in));
        float[] w = gaussian(2, elements(kernel));
        float[] b = gaussian(3, s.outputs());
        float[] dy = gaussian(4, elements(out));
        double[] y = new double[dy.length];
        double[] dx = new double[x.length];
        double[] dw = new double[w.length];
        double[] db = new double[b.length];
        int places = images ? s.outHeight() * s.outWidth() : 1;
        for (int i = 0; i < y.length; i++) {
            y[i] = b[i / places % s.outputs()];
            db[i / places % s.outputs()] += dy[i];
        }
        eachTerm(s, (from, by, to, output) -> {
            y[to] += (double) x[from] * w[by];
            dx[from] += (double) dy[to] * w[by];
            dw[by] += (double) dy[to] * x[from];
        });
        int[] rows = IntStream.range(0, s.count()).map(s::valid).toArray();
        Lengths lengths = s.ragged() ? padded(s.height(), x, s.channels(), rows) : null;
        Tensor given = guarded.input("x", x, in);
        Tensor weights = guarded.input("w", w, kernel);
        Tensor ty = guarded.output("y", out);
        op.forward(s.spec(), given, lengths, weights, guarded.input("b", b, s.outputs()), ty);
        Compare.assertClose("y", ty.toFloats(), y, TOLERANCE);
        Tensor tdx = guarded.output("dx", in);
        Tensor tdw = guarded.accumulator("dw", 0f, kernel);
        Tensor tdb = guarded.accumulator("db", 0f, s.outputs());
        Tensor gradient = guarded.input("dy", dy, out);
        op.backward(s.spec(), given, lengths, weights, gradient, tdx, tdw, tdb);
        Compare.assertClose("dx", tdx.toFloats(), dx, TOLERANCE);
        Compare.assertClose("dw", tdw.toFloats(), dw, TOLERANCE);
        Compare.assertClose("db", tdb.toFloats(), db, TOLERANCE);
        Tensor again = guarded.output("dx again", in);
        op.backward(s.spec(), given, lengths, weights, gradient, again, null, null);
        Compare.assertSameBits("dx again", again.toFloats(), tdx.toFloats());
        guarded.check();
    }

    private static int elements(int... shape) {
        return Arrays.stream(shape).reduce(1, Math::multiplyExact);
    }

    @Test
    void badArgumentsGiveTheSameMessagesEverywhere() {
        ConvolutionSpec spec = ConvolutionSpec.steps(3, 1, 1, 0, 2);
        Tensor x = scope.zeros("x", 5, 2, 4);
        Tensor w = scope.zeros("w", 6, 2, 3);
        Tensor y = scope.zeros("y", 3, 2, 6);
        refused("kernelHeight: expected at least 1, got 0", () -> ConvolutionSpec.steps(0, 1, 1, 0, 1));
        refused("spec: expected a value, got null", () -> op.forward(null, x, null, w, null, y));
        refused(
                "x: expected shape [T, N, C], got [5, 8]",
                () -> op.forward(spec, scope.zeros("flat", 5, 8), null, w, null, y));
        refused(
                "w: expected shape [6, 2, 3], got [6, 4, 3]",
                () -> op.forward(spec, x, null, scope.zeros("w", 6, 4, 3), null, y));
        refused(
                "groups: expected a divisor of 4 channels and 5 outputs, got 2",
                () -> op.forward(spec, x, null, scope.zeros("w", 5, 2, 3), null, y));
        refused(
                "y: expected shape [3, 2, 6], got [3, 1, 6]",
                () -> op.forward(spec, x, null, w, null, scope.zeros("y", 3, 1, 6)));
        refused("b: expected shape [6], got [4]", () -> op.forward(spec, x, null, w, scope.zeros("b", 4), y));
        refused(
                "lengths: expected 2 rows of at most 5 steps, got 2 rows of at most 3",
                () -> op.forward(spec, x, scope.lengths(3, 1, 2), w, null, y));
        refused("dx: given twice in one call", () -> op.backward(spec, x, null, w, y, x, null, null));
    }
}
