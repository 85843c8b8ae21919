package org.gatefold.backend.cuda.operation;

import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.kernel.KernelArguments;
import org.gatefold.backend.cuda.kernel.Kernels;
import org.gatefold.op.sequence.SequenceOp;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/** Moves and reductions of padded batches by grid-stride kernels. Thread-safe. */
public final class CudaSequence extends CudaOperation implements SequenceOp {
    public CudaSequence(CudaContext context, Kernels kernels) {
        super(context, kernels);
    }

    private static Tensor onDevice(Lengths lengths) {
        return lengths == null ? null : lengths.onDevice();
    }

    @Override
    public void computeTranspose(Tensor x, Tensor y) {
        Shape shape = x.shape();
        loop(
                "transpose_f32",
                x.elements(),
                KernelArguments.of()
                        .tensor(x)
                        .tensor(y)
                        .i32(shape.dim(0))
                        .i32(shape.dim(1))
                        .i32(shape.dim(2)));
    }

    @Override
    public void computePool(Pooling pooling, Tensor x, Lengths lengths, Tensor y) {
        Shape shape = x.shape();
        loop(
                "pool_f32",
                y.elements(),
                KernelArguments.of()
                        .i32(pooling.code())
                        .tensor(x)
                        .tensor(onDevice(lengths))
                        .tensor(y)
                        .i32(shape.dim(0))
                        .i32(shape.dim(1))
                        .i32(shape.dim(2)));
    }

    @Override
    public void computePoolBackward(Pooling pooling, Tensor x, Lengths lengths, Tensor dy, Tensor dx) {
        Shape shape = x.shape();
        loop(
                "pool_backward_f32",
                dy.elements(),
                KernelArguments.of()
                        .i32(pooling.code())
                        .tensor(x)
                        .tensor(onDevice(lengths))
                        .tensor(dy)
                        .tensor(dx)
                        .i32(shape.dim(0))
                        .i32(shape.dim(1))
                        .i32(shape.dim(2)));
    }

    @Override
    public void computeMask(Lengths lengths, Tensor weights) {
        loop(
                "mask_f32",
                weights.elements(),
                KernelArguments.of()
                        .tensor(lengths.onDevice())
                        .tensor(weights)
                        .i32(lengths.steps())
                        .i32(lengths.batch()));
    }

    @Override
    public void computeConcatenate(Tensor a, Tensor b, Tensor y) {
        columns(
                "concatenate_f32",
                a,
                b,
                KernelArguments.of().tensor(a).tensor(b).tensor(y));
    }

    @Override
    public void computeSplit(Tensor y, Tensor a, Tensor b) {
        columns("split_f32", a, b, KernelArguments.of().tensor(y).tensor(a).tensor(b));
    }

    private void columns(String kernel, Tensor a, Tensor b, KernelArguments tensors) {
        int left = a.shape().last();
        int right = b.shape().last();
        int rows = a.shape().dim(0);
        loop(kernel, (long) rows * (left + right), tensors.i32(rows).i32(left).i32(right));
    }
}
