package org.gatefold.exchange.onnx.plan;

import org.gatefold.autograd.Variable;
import org.gatefold.exchange.onnx.graph.HostFunction;
import org.gatefold.exchange.onnx.graph.Move;
import org.gatefold.exchange.onnx.graph.OnnxTensor;
import org.gatefold.layer.Context;
import org.gatefold.layer.Functional;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.PickedRows;
import org.gatefold.op.convolution.ConvolutionOp;
import org.gatefold.op.convolution.ConvolutionSpec;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.op.norm.NormOp;
import org.gatefold.op.pooling.PoolingOp;
import org.gatefold.op.pooling.PoolingSpec;
import org.gatefold.op.sequence.SequenceOp;
import org.gatefold.op.softmax.SoftmaxOp;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/** Operators on the device, each with its way back. Values without dimensions are {@code [1]} there. Stateless. */
public final class DeviceOperators {
    private DeviceOperators() {}

    /** The shape of a value on the device. */
    public static Shape shape(int... dims) {
        return dims.length == 0 ? Shape.of(1) : Shape.of(dims);
    }

    public static Variable view(Variable x, int... dims) {
        return x.reshape(shape(dims).toArray());
    }

    /** A constant. */
    static Variable constant(Context context, OnnxTensor values) {
        Tensor tensor = context.scope().f32("constant", shape(values.dims()));
        tensor.write(values.as(OnnxTensor.Type.FLOAT).floats());
        return Variable.constant(tensor);
    }

    /** A parameter as a value that is computed with. */
    static Variable value(Context context, Parameter parameter) {
        Variable y = context.output("parameter", !parameter.isFrozen(), null, parameter.shape());
        PickedRows.of(context, parameter, new int[1], y);
        return y;
    }

    /** A {@link Move} in runs of numbers that stay together. */
    public static final class Pick {
        private final int[] dims;
        private final int[] rows;
        private final int unit;
        private final int start;

        /** @param source number of elements of what is taken of */
        public Pick(Move move, int source) {
            dims = move.dims();
            int[] from = move.from();
            int run = gcd(from.length, source);
            for (int i = 0, begin = 0; i < from.length; i++) {
                if (i + 1 == from.length || from[i + 1] != from[i] + 1) {
                    run = gcd(gcd(run, i + 1 - begin), from[begin]);
                    begin = i + 1;
                }
            }
            unit = Math.max(1, run);
            rows = new int[from.length / unit];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = from[i * unit] / unit;
            }
            boolean together = true;
            for (int i = 1; i < from.length; i++) {
                together &= from[i] == from[i - 1] + 1;
            }
            start = together && from.length > 0 ? from[0] : -1;
        }

        private static int gcd(int a, int b) {
            return b == 0 ? a : gcd(b, a % b);
        }

        public Variable of(Context context, Variable x) {
            if (start >= 0) {
                return x.part("part", start, shape(dims));
            }
            Variable y = context.output("moved", x.requiresGradient(), null, shape(dims));
            PickedRows.of(context, x, 1, rows.length, rows, null, y);
            return y;
        }

        Variable of(Context context, Parameter table) {
            Variable y = context.output("picked", !table.isFrozen(), null, shape(dims));
            PickedRows.of(context, table, rows, y);
            return y;
        }
    }

    /** Swaps the first two of three blocks of axes. */
    static Variable swap(Context context, Variable x, int left, int right, int inner, int... dims) {
        Variable y = context.output("transposed", x.requiresGradient(), null, shape(dims));
        SequenceOp op = context.op(SequenceOp.class);
        op.transpose(x.value().reshape(left, right, inner), y.value().reshape(right, left, inner));
        if (y.requiresGradient()) {
            context.tape().record(y, () -> {
                Tensor dx = x.contribution();
                op.transpose(y.gradient().reshape(right, left, inner), dx.reshape(left, right, inner));
                x.contributed(dx);
            });
        }
        return y;
    }

    static Variable concatenate(Context context, int outer, Variable a, Variable b) {
        return Functional.concatenate(
                context, a.reshape(outer, elements(a) / outer), b.reshape(outer, elements(b) / outer));
    }

    private static int elements(Variable x) {
        return Math.toIntExact(x.value().elements());
    }

    /** What is as large as the value but always the same number. */
    static Variable filled(Context context, Variable like, float number) {
        Tensor tensor = context.scope().f32("number", like.shape());
        tensor.fill(number);
        return Variable.constant(tensor);
    }

    /** A function of each number, computed on the host, and its slope. */
    static Variable onHost(Context context, Variable x, HostFunction function) {
        Variable y = context.output("y", x.requiresGradient(), null, x.shape());
        float[] in = x.value().toFloats();
        float[] out = new float[in.length];
        for (int i = 0; i < in.length; i++) {
            out[i] = (float) function.value().applyAsDouble(in[i]);
        }
        y.value().write(out);
        if (y.requiresGradient()) {
            context.tape().record(y, () -> {
                Tensor dx = x.contribution();
                float[] slopes = y.gradient().toFloats();
                for (int i = 0; i < slopes.length; i++) {
                    slopes[i] *= (float) function.slope().applyAsDouble(in[i], out[i]);
                }
                dx.write(slopes);
                x.contributed(dx);
            });
        }
        return y;
    }

    /** Reduces the first of three blocks of axes of a value {@code [count, 1, rest]}. */
    static Variable pool(Context context, SequenceOp.Pooling pooling, Variable x, int count, int rest, int... dims) {
        Variable y = context.output("reduced", x.requiresGradient(), null, shape(dims));
        SequenceOp op = context.op(SequenceOp.class);
        Tensor steps = x.value().reshape(count, 1, rest);
        op.pool(pooling, steps, null, y.value().reshape(1, rest));
        if (y.requiresGradient()) {
            context.tape().record(y, () -> {
                Tensor dx = x.contribution();
                op.poolBackward(pooling, steps, null, y.gradient().reshape(1, rest), dx.reshape(count, 1, rest));
                x.contributed(dx);
            });
        }
        return y;
    }

    static Variable softmax(Context context, boolean logarithm, Variable x, int classes) {
        int rows = elements(x) / classes;
        Variable y = context.output("softmax", x.requiresGradient(), null, x.shape());
        SoftmaxOp op = context.op(SoftmaxOp.class);
        op.forward(logarithm, x.value().reshape(rows, classes), y.value().reshape(rows, classes));
        if (y.requiresGradient()) {
            context.tape().record(y, () -> {
                Tensor dx = x.contribution();
                op.backward(
                        logarithm,
                        y.value().reshape(rows, classes),
                        y.gradient().reshape(rows, classes),
                        dx.reshape(rows, classes));
                x.contributed(dx);
            });
        }
        return y;
    }

    /** Convolution of images, or of rows {@code [N, C, W]} as images of one line. */
    static Variable convolve(
            Context context, ConvolutionSpec spec, Variable given, Parameter w, Parameter b, int[] dims) {
        boolean lines = dims.length == 3;
        Variable x = lines ? line(given) : given;
        boolean trainsW = !w.isFrozen();
        boolean trainsB = b != null && !b.isFrozen();
        Variable y = context.output("convolved", trainsW || trainsB || x.requiresGradient(), null, Shape.of(dims));
        Tensor out = lines ? line(y.value()) : y.value();
        Tensor weights = lines ? line(w.value()) : w.value();
        ConvolutionOp op = context.op(ConvolutionOp.class);
        op.forward(spec, x.value(), null, weights, b == null ? null : b.value(), out);
        if (y.requiresGradient()) {
            context.tape().record(y, () -> {
                Tensor dx = x.requiresGradient() ? x.contribution() : null;
                Tensor dw = trainsW ? (lines ? line(w.gradient()) : w.gradient()) : null;
                Tensor dy = lines ? line(y.gradient()) : y.gradient();
                op.backward(spec, x.value(), null, weights, dy, dx, dw, trainsB ? b.gradient() : null);
                if (dx != null) {
                    x.contributed(dx);
                }
            });
        }
        return y;
    }

    private static Variable line(Variable x) {
        return x.reshape(x.shape().dim(0), x.shape().dim(1), 1, x.shape().dim(2));
    }

    private static Tensor line(Tensor x) {
        return x.reshape(x.shape().dim(0), x.shape().dim(1), 1, x.shape().dim(2));
    }

    /** Windows of images, or of rows {@code [N, C, W]}. */
    static Variable pool(Context context, PoolingSpec spec, Variable given, int... dims) {
        boolean lines = dims.length == 3;
        Variable x = lines ? line(given) : given;
        Variable y = context.output("pooled", x.requiresGradient(), null, Shape.of(dims));
        PoolingOp op = context.op(PoolingOp.class);
        op.forward(spec, x.value(), null, lines ? line(y.value()) : y.value());
        if (y.requiresGradient()) {
            context.tape().record(y, () -> {
                Tensor dx = x.contribution();
                Tensor out = lines ? line(y.value()) : y.value();
                op.backward(spec, x.value(), null, out, lines ? line(y.gradient()) : y.gradient(), dx);
                x.contributed(dx);
            });
        }
        return y;
    }

    /** Batch normalisation by running statistics, in training too. */
    static Variable batchNorm(
            Context context,
            Variable x,
            float epsilon,
            Parameter gamma,
            Parameter beta,
            Parameter mean,
            Parameter variance) {
        NormOp op = context.op(NormOp.class);
        int rows = x.shape().dim(0);
        int channels = Math.toIntExact(gamma.shape().elements());
        int places = elements(x) / rows / channels;
        boolean trainsGamma = !gamma.isFrozen();
        boolean trainsBeta = !beta.isFrozen();
        Variable y = context.output("normed", trainsGamma || trainsBeta || x.requiresGradient(), null, x.shape());
        Tensor in = x.value().reshape(rows, channels, places);
        op.batchNorm(
                in,
                null,
                mean.value(),
                variance.value(),
                gamma.value(),
                beta.value(),
                epsilon,
                y.value().reshape(rows, channels, places));
        if (y.requiresGradient()) {
            context.tape().record(y, () -> {
                Tensor dx = x.requiresGradient() ? x.contribution() : null;
                op.batchNormBackward(
                        false,
                        in,
                        null,
                        mean.value(),
                        variance.value(),
                        gamma.value(),
                        epsilon,
                        y.gradient().reshape(rows, channels, places),
                        dx == null ? null : dx.reshape(rows, channels, places),
                        trainsGamma ? gamma.gradient() : null,
                        trainsBeta ? beta.gradient() : null);
                if (dx != null) {
                    x.contributed(dx);
                }
            });
        }
        return y;
    }

    /** Layer normalisation over the last so many numbers. */
    static Variable layerNorm(Context context, Variable x, float epsilon, Parameter gamma, Parameter beta) {
        NormOp op = context.op(NormOp.class);
        int features = Math.toIntExact(gamma.shape().elements());
        int rows = elements(x) / features;
        boolean trainsGamma = !gamma.isFrozen();
        boolean trainsBeta = beta != null && !beta.isFrozen();
        Variable y = context.output("normed", trainsGamma || trainsBeta || x.requiresGradient(), null, x.shape());
        Tensor in = x.value().reshape(rows, features);
        Tensor scale = gamma.value().reshape(features);
        op.layerNorm(
                in,
                scale,
                beta == null ? null : beta.value().reshape(features),
                epsilon,
                y.value().reshape(rows, features));
        if (y.requiresGradient()) {
            context.tape().record(y, () -> {
                Tensor dx = x.requiresGradient() ? x.contribution() : null;
                op.layerNormBackward(
                        in,
                        scale,
                        epsilon,
                        y.gradient().reshape(rows, features),
                        dx == null ? null : dx.reshape(rows, features),
                        trainsGamma ? gamma.gradient().reshape(features) : null,
                        trainsBeta ? beta.gradient().reshape(features) : null);
                if (dx != null) {
                    x.contributed(dx);
                }
            });
        }
        return y;
    }

    /** So many numbers that stand together, by their mean and variance. */
    static Variable normalise(Context context, Variable x, int features, float epsilon) {
        NormOp op = context.op(NormOp.class);
        int rows = elements(x) / features;
        Variable y = context.output("normalised", x.requiresGradient(), null, x.shape());
        Tensor in = x.value().reshape(rows, features);
        op.layerNorm(in, null, null, epsilon, y.value().reshape(rows, features));
        if (y.requiresGradient()) {
            context.tape().record(y, () -> {
                Tensor dx = x.contribution();
                op.layerNormBackward(
                        in,
                        null,
                        epsilon,
                        y.gradient().reshape(rows, features),
                        dx.reshape(rows, features),
                        null,
                        null);
                x.contributed(dx);
            });
        }
        return y;
    }

    /**
     * Products of matrices, batch by batch.
     *
     * @param a {@code [batch, M, K]}
     * @param b {@code [batch, N, K]}
     * @param dims of the result, {@code [batch, M, N]} in other words
     */
    static Variable products(Context context, Variable a, Variable b, int batch, int m, int n, int k, int... dims) {
        Variable y = context.output("product", a.requiresGradient() || b.requiresGradient(), null, shape(dims));
        LinearOp op = context.op(LinearOp.class);
        for (int i = 0; i < batch; i++) {
            op.forward(part(a.value(), i, m, k), part(b.value(), i, n, k), null, part(y.value(), i, m, n));
        }
        if (y.requiresGradient()) {
            context.tape().record(y, () -> {
                Tensor da = a.requiresGradient() ? a.contribution() : null;
                Tensor db = b.requiresGradient() ? context.scope().zeros("db", b.shape()) : null;
                for (int i = 0; i < batch; i++) {
                    op.backward(
                            part(a.value(), i, m, k),
                            part(b.value(), i, n, k),
                            part(y.gradient(), i, m, n),
                            da == null ? null : part(da, i, m, k),
                            db == null ? null : part(db, i, n, k),
                            null);
                }
                if (da != null) {
                    a.contributed(da);
                }
                if (db != null) {
                    Tensor sum = b.contribution();
                    sum.copyFrom(db);
                    b.contributed(sum);
                }
            });
        }
        return y;
    }

    private static Tensor part(Tensor all, int index, int rows, int columns) {
        return all.part("matrix", (long) index * rows * columns, Shape.of(rows, columns));
    }
}
