package org.gatefold.backend.cuda.operation;

import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.driver.Scratch;
import org.gatefold.backend.cuda.kernel.KernelArguments;
import org.gatefold.backend.cuda.kernel.Kernels;
import org.gatefold.op.norm.NormOp;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * Normalisation by kernels. Thread-safe: moments of rows and sums of gradients stand in scratch memory that is used by one
 * call at a time, in stream order.
 */
public final class CudaNorm extends CudaOperation implements NormOp, AutoCloseable {
    private static final int ROW_BLOCK = 128;
    private static final int COLUMNS = 32;
    private static final int ROWS = 8;

    private final Scratch scratch;

    public CudaNorm(CudaContext context, Kernels kernels) {
        super(context, kernels);
        this.scratch = new Scratch(context);
    }

    private static Tensor onDevice(Lengths lengths) {
        return lengths == null ? null : lengths.onDevice();
    }

    private static int batch(Lengths lengths) {
        return lengths == null ? 1 : lengths.batch();
    }

    private static long numbers(Tensor x, Lengths lengths) {
        return (lengths == null ? x.shape().dim(0) : lengths.total())
                * x.shape().dim(2);
    }

    private void columns(String kernel, int columns, KernelArguments arguments) {
        kernels().launch(stream(), kernel, (columns + COLUMNS - 1) / COLUMNS, 1, COLUMNS, ROWS, arguments);
    }

    private void rows(String kernel, int rows, KernelArguments arguments) {
        kernels().launch(stream(), kernel, rows, 1, ROW_BLOCK, 1, arguments);
    }

    private long moments(Tensor x, float epsilon) {
        int rows = x.shape().dim(0);
        long moments = scratch.atLeast(2L * Double.BYTES * rows);
        rows(
                "layer_norm_moments_f32",
                rows,
                KernelArguments.of()
                        .tensor(x)
                        .address(moments)
                        .i32(x.shape().dim(1))
                        .f32(epsilon));
        return moments;
    }

    @Override
    public synchronized void computeLayerNorm(Tensor x, Tensor gamma, Tensor beta, float epsilon, Tensor y) {
        long moments = moments(x, epsilon);
        loop(
                "layer_norm_forward_f32",
                x.elements(),
                KernelArguments.of()
                        .tensor(x)
                        .address(moments)
                        .tensor(gamma)
                        .tensor(beta)
                        .tensor(y)
                        .i32(x.shape().dim(1))
                        .i64(x.elements()));
    }

    @Override
    public synchronized void computeLayerNormBackward(
            Tensor x, Tensor gamma, float epsilon, Tensor dy, Tensor dx, Tensor dgamma, Tensor dbeta) {
        int rows = x.shape().dim(0);
        int width = x.shape().dim(1);
        long moments = moments(x, epsilon);
        if (dx != null) {
            rows(
                    "layer_norm_backward_f32",
                    rows,
                    KernelArguments.of()
                            .tensor(x)
                            .address(moments)
                            .tensor(gamma)
                            .tensor(dy)
                            .tensor(dx)
                            .i32(width));
        }
        if (dgamma != null || dbeta != null) {
            columns(
                    "layer_norm_parameters_f32",
                    width,
                    KernelArguments.of()
                            .tensor(x)
                            .address(moments)
                            .tensor(dy)
                            .tensor(dgamma)
                            .tensor(dbeta)
                            .i32(width)
                            .i64(rows));
        }
    }

    @Override
    public void computeBatchStatistics(
            Tensor x,
            Lengths lengths,
            float momentum,
            Tensor mean,
            Tensor variance,
            Tensor runningMean,
            Tensor runningVariance) {
        Shape shape = x.shape();
        columns(
                "batch_statistics_f32",
                shape.dim(1),
                KernelArguments.of()
                        .tensor(x)
                        .tensor(onDevice(lengths))
                        .tensor(mean)
                        .tensor(variance)
                        .tensor(runningMean)
                        .tensor(runningVariance)
                        .i32(batch(lengths))
                        .i64(shape.dim(0))
                        .i32(shape.dim(1))
                        .i32(shape.dim(2))
                        .i64(numbers(x, lengths))
                        .f32(momentum));
    }

    @Override
    public void computeBatchNorm(
            Tensor x,
            Lengths lengths,
            Tensor mean,
            Tensor variance,
            Tensor gamma,
            Tensor beta,
            float epsilon,
            Tensor y) {
        loop(
                "batch_norm_forward_f32",
                x.elements(),
                KernelArguments.of()
                        .tensor(x)
                        .tensor(onDevice(lengths))
                        .tensor(mean)
                        .tensor(variance)
                        .tensor(gamma)
                        .tensor(beta)
                        .tensor(y)
                        .i32(batch(lengths))
                        .i32(x.shape().dim(1))
                        .i32(x.shape().dim(2))
                        .f32(epsilon)
                        .i64(x.elements()));
    }

    @Override
    public synchronized void computeBatchNormBackward(
            boolean ofBatch,
            Tensor x,
            Lengths lengths,
            Tensor mean,
            Tensor variance,
            Tensor gamma,
            float epsilon,
            Tensor dy,
            Tensor dx,
            Tensor dgamma,
            Tensor dbeta) {
        int channels = x.shape().dim(1);
        int places = x.shape().dim(2);
        long sums = scratch.atLeast(2L * Double.BYTES * channels);
        columns(
                "batch_norm_sums_f32",
                channels,
                KernelArguments.of()
                        .tensor(x)
                        .tensor(onDevice(lengths))
                        .tensor(mean)
                        .tensor(variance)
                        .tensor(dy)
                        .address(sums)
                        .tensor(dgamma)
                        .tensor(dbeta)
                        .i32(batch(lengths))
                        .i64(x.shape().dim(0))
                        .i32(channels)
                        .i32(places)
                        .f32(epsilon));
        if (dx == null) {
            return;
        }
        long numbers = numbers(x, lengths);
        loop(
                "batch_norm_backward_f32",
                x.elements(),
                KernelArguments.of()
                        .tensor(x)
                        .tensor(onDevice(lengths))
                        .tensor(mean)
                        .tensor(variance)
                        .tensor(gamma)
                        .tensor(dy)
                        .address(sums)
                        .tensor(dx)
                        .i32(batch(lengths))
                        .i32(channels)
                        .i32(places)
                        .f32(epsilon)
                        .f64(ofBatch && numbers > 0 ? 1.0 / numbers : 0.0)
                        .i64(x.elements()));
    }

    @Override
    public void close() {
        scratch.close();
    }
}
