package org.gatefold.backend.cuda.operation;

import java.nio.ByteBuffer;
import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.kernel.KernelArguments;
import org.gatefold.backend.cuda.kernel.Kernels;
import org.gatefold.op.loss.LossOp;
import org.gatefold.op.loss.PointwiseLoss;
import org.gatefold.tensor.Tensor;

/**
 * Losses by three launches: total weight, rows, sum. Thread-safe: the rows' losses stand in scratch memory that grows to
 * the largest batch and is used by one call at a time, in stream order.
 */
public final class CudaLoss extends ScratchOperation implements LossOp {
    private static final int ROW_BLOCK = 128;
    private static final int SUM_BLOCK = 256;
    private static final int FUNCTION_BYTES = 2 * Integer.BYTES + Long.BYTES + 2 * Double.BYTES;

    public CudaLoss(CudaContext context, Kernels kernels) {
        super(context, kernels);
    }

    private void rows(String kernel, int rows, KernelArguments arguments) {
        kernels().launch(stream(), kernel, rows, 1, ROW_BLOCK, 1, arguments);
    }

    private static ByteBuffer struct(PointwiseArguments given) {
        ByteBuffer bytes = KernelArguments.room(FUNCTION_BYTES);
        PointwiseLoss function = given.function();
        return bytes.putInt(function.kind().code())
                .putInt(given.parts())
                .putLong(given.terms())
                .putDouble(function.first())
                .putDouble(function.second())
                .flip();
    }

    @Override
    public synchronized void computePointwise(PointwiseArguments given) {
        int rows = given.target().shape().dim(0);
        long total = begin(given.weights(), null, 0, null, 0, rows);
        rows(
                "pointwise_rows_f32",
                rows,
                KernelArguments.of()
                        .struct(struct(given))
                        .tensor(given.table())
                        .tensor(given.prediction())
                        .tensor(given.target())
                        .tensor(given.weights())
                        .address(total)
                        .address(rowLosses(total))
                        .tensor(given.dPrediction())
                        .i32(given.target().shape().last()));
        end(total, given.loss(), rows);
    }

    @Override
    public synchronized void computeCrossEntropy(CrossEntropyArguments given) {
        int rows = given.logits().shape().dim(0);
        long total = begin(
                given.weights(),
                given.labels(),
                given.ignoreIndex(),
                given.classWeights(),
                given.logits().shape().last(),
                rows);
        rows(
                "cross_entropy_rows_f32",
                rows,
                KernelArguments.of()
                        .tensor(given.logits())
                        .tensor(given.labels())
                        .i32(given.ignoreIndex())
                        .f32(given.smoothing())
                        .tensor(given.classWeights())
                        .tensor(given.weights())
                        .address(total)
                        .address(rowLosses(total))
                        .tensor(given.dLogits())
                        .i32(given.logits().shape().last()));
        end(total, given.loss(), rows);
    }

    @Override
    public synchronized void computeCosineEmbedding(CosineEmbeddingArguments given) {
        int rows = given.a().shape().dim(0);
        long total = begin(given.weights(), null, 0, null, 0, rows);
        rows(
                "cosine_rows_f32",
                rows,
                KernelArguments.of()
                        .tensor(given.a())
                        .tensor(given.b())
                        .tensor(given.together())
                        .f32(given.margin())
                        .tensor(given.weights())
                        .address(total)
                        .address(rowLosses(total))
                        .tensor(given.dA())
                        .tensor(given.dB())
                        .i32(given.a().shape().last()));
        end(total, given.loss(), rows);
    }

    private long begin(Tensor weights, Tensor labels, int ignoreIndex, Tensor classWeights, int classes, int rows) {
        long total = scratch((rows + 1L) * Double.BYTES);
        kernels()
                .launch(
                        stream(),
                        "total_weight_f32",
                        1,
                        1,
                        SUM_BLOCK,
                        1,
                        KernelArguments.of()
                                .tensor(weights)
                                .tensor(labels)
                                .i32(ignoreIndex)
                                .tensor(classWeights)
                                .i32(classes)
                                .address(total)
                                .i32(rows));
        return total;
    }

    private static long rowLosses(long total) {
        return total + Double.BYTES;
    }

    private void end(long total, Tensor loss, int rows) {
        kernels()
                .launch(
                        stream(),
                        "sum_losses_f32",
                        1,
                        1,
                        SUM_BLOCK,
                        1,
                        KernelArguments.of()
                                .address(rowLosses(total))
                                .tensor(loss)
                                .i32(rows));
    }
}
