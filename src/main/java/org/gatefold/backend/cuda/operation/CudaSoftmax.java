package org.gatefold.backend.cuda.operation;

import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.kernel.KernelArguments;
import org.gatefold.backend.cuda.kernel.Kernels;
import org.gatefold.op.softmax.SoftmaxOp;
import org.gatefold.tensor.Tensor;

/** Softmax by one block a row. Thread-safe. */
public final class CudaSoftmax extends CudaOperation implements SoftmaxOp {
    private static final int BLOCK = 128;

    public CudaSoftmax(CudaContext context, Kernels kernels) {
        super(context, kernels);
    }

    @Override
    public void computeForward(boolean logarithm, Tensor x, Tensor y) {
        rows(
                "softmax_forward_f32",
                x,
                KernelArguments.of().i32(logarithm ? 1 : 0).tensor(x).tensor(y));
    }

    @Override
    public void computeBackward(boolean logarithm, Tensor y, Tensor dy, Tensor dx) {
        rows(
                "softmax_backward_f32",
                y,
                KernelArguments.of().i32(logarithm ? 1 : 0).tensor(y).tensor(dy).tensor(dx));
    }

    private void rows(String kernel, Tensor like, KernelArguments tensors) {
        kernels()
                .launch(
                        stream(),
                        kernel,
                        like.shape().dim(0),
                        1,
                        BLOCK,
                        1,
                        tensors.i32(like.shape().last()));
    }
}
