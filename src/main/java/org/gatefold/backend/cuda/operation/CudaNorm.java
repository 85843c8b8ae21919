package org.gatefold.backend.cuda.operation;

import org.gatefold.backend.cuda.driver.CudaContext;
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
public final class CudaNorm extends ScratchOperation implements NormOp {
    private static final int ROW_BLOCK = 128;
    private static final int COLUMNS = 32;
    private static final int ROWS = 8;

    public CudaNorm(CudaContext context, Kernels kernels) {
        super(context, kernels);
    }

    /** What kernels of a batch begin with. */
    private static KernelArguments channels(Tensor x, Lengths lengths, Tensor mean, Tensor variance) {
        return KernelArguments.of()
                .tensor(x)
                .tensor(lengths == null ? null : lengths.onDevice())
                .tensor(mean)
                .tensor(variance);
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
        long moments = scratch(2L * Double.BYTES * rows);
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
    public synchronized void computeLayerNorm(LayerNormArguments given) {
        long moments = moments(given.x(), given.epsilon());
        loop(
                "layer_norm_forward_f32",
                given.x().elements(),
                KernelArguments.of()
                        .tensor(given.x())
                        .address(moments)
                        .tensor(given.gamma())
                        .tensor(given.beta())
                        .tensor(given.y())
                        .i32(given.x().shape().dim(1))
                        .i64(given.x().elements()));
    }

    @Override
    public synchronized void computeLayerNormBackward(LayerNormGradients given) {
        int rows = given.x().shape().dim(0);
        int width = given.x().shape().dim(1);
        long moments = moments(given.x(), given.epsilon());
        if (given.dx() != null) {
            rows(
                    "layer_norm_backward_f32",
                    rows,
                    KernelArguments.of()
                            .tensor(given.x())
                            .address(moments)
                            .tensor(given.gamma())
                            .tensor(given.dy())
                            .tensor(given.dx())
                            .i32(width));
        }
        if (given.dgamma() != null || given.dbeta() != null) {
            columns(
                    "layer_norm_parameters_f32",
                    width,
                    KernelArguments.of()
                            .tensor(given.x())
                            .address(moments)
                            .tensor(given.dy())
                            .tensor(given.dgamma())
                            .tensor(given.dbeta())
                            .i32(width)
                            .i64(rows));
        }
    }

    @Override
    public void computeBatchStatistics(BatchStatisticsArguments given) {
        Shape shape = given.x().shape();
        columns(
                "batch_statistics_f32",
                shape.dim(1),
                channels(given.x(), given.lengths(), given.mean(), given.variance())
                        .tensor(given.runningMean())
                        .tensor(given.runningVariance())
                        .i32(batch(given.lengths()))
                        .i64(shape.dim(0))
                        .i32(shape.dim(1))
                        .i32(shape.dim(2))
                        .i64(numbers(given.x(), given.lengths()))
                        .f32(given.momentum()));
    }

    @Override
    public void computeBatchNorm(BatchNormArguments given) {
        loop(
                "batch_norm_forward_f32",
                given.x().elements(),
                channels(given.x(), given.lengths(), given.mean(), given.variance())
                        .tensor(given.gamma())
                        .tensor(given.beta())
                        .tensor(given.y())
                        .i32(batch(given.lengths()))
                        .i32(given.x().shape().dim(1))
                        .i32(given.x().shape().dim(2))
                        .f32(given.epsilon())
                        .i64(given.x().elements()));
    }

    @Override
    public synchronized void computeBatchNormBackward(BatchNormGradients given) {
        int channels = given.x().shape().dim(1);
        int places = given.x().shape().dim(2);
        long sums = scratch(2L * Double.BYTES * channels);
        columns(
                "batch_norm_sums_f32",
                channels,
                channels(given.x(), given.lengths(), given.mean(), given.variance())
                        .tensor(given.dy())
                        .address(sums)
                        .tensor(given.dgamma())
                        .tensor(given.dbeta())
                        .i32(batch(given.lengths()))
                        .i64(given.x().shape().dim(0))
                        .i32(channels)
                        .i32(places)
                        .f32(given.epsilon()));
        if (given.dx() == null) {
            return;
        }
        long numbers = numbers(given.x(), given.lengths());
        loop(
                "batch_norm_backward_f32",
                given.x().elements(),
                channels(given.x(), given.lengths(), given.mean(), given.variance())
                        .tensor(given.gamma())
                        .tensor(given.dy())
                        .address(sums)
                        .tensor(given.dx())
                        .i32(batch(given.lengths()))
                        .i32(channels)
                        .i32(places)
                        .f32(given.epsilon())
                        .f64(given.ofBatch() && numbers > 0 ? 1.0 / numbers : 0.0)
                        .i64(given.x().elements()));
    }
}
