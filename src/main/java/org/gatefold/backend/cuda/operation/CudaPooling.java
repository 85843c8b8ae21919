package org.gatefold.backend.cuda.operation;

import java.nio.ByteBuffer;
import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.kernel.KernelArguments;
import org.gatefold.backend.cuda.kernel.Kernels;
import org.gatefold.op.pooling.PoolingOp;
import org.gatefold.op.pooling.PoolingShape;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/** Pooling by grid-stride kernels; gradients are gathered, without atomics. Thread-safe. */
public final class CudaPooling extends CudaOperation implements PoolingOp {
    public CudaPooling(CudaContext context, Kernels kernels) {
        super(context, kernels);
    }

    private static Tensor onDevice(Lengths lengths) {
        return lengths == null ? null : lengths.onDevice();
    }

    private static ByteBuffer struct(PoolingShape shape) {
        ByteBuffer bytes = KernelArguments.room(PoolingShape.WORDS * Integer.BYTES);
        bytes.asIntBuffer().put(shape.words());
        return bytes;
    }

    @Override
    public void computeForward(PoolingShape shape, Tensor x, Lengths lengths, Tensor y) {
        loop(
                "pooling_f32",
                y.elements(),
                KernelArguments.of()
                        .tensor(x)
                        .tensor(onDevice(lengths))
                        .tensor(y)
                        .struct(struct(shape))
                        .i64(y.elements()));
    }

    @Override
    public void computeBackward(PoolingShape shape, Tensor x, Lengths lengths, Tensor y, Tensor dy, Tensor dx) {
        loop(
                "pooling_backward_f32",
                dx.elements(),
                KernelArguments.of()
                        .tensor(x)
                        .tensor(onDevice(lengths))
                        .tensor(y)
                        .tensor(dy)
                        .tensor(dx)
                        .struct(struct(shape))
                        .i64(dx.elements()));
    }
}
