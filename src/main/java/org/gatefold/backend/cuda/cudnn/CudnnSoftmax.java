package org.gatefold.backend.cuda.cudnn;

import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnSoftmaxAlgorithm;
import jcuda.jcudnn.cudnnSoftmaxMode;
import org.gatefold.backend.cuda.driver.Addresses;
import org.gatefold.op.softmax.SoftmaxOp;
import org.gatefold.tensor.Tensor;

/** Softmax by cuDNN, which subtracts the row's maximum too. Thread-safe: one call is made at a time. */
final class CudnnSoftmax implements SoftmaxOp, AutoCloseable {
    private final CudnnHandle handle;
    private final Pointer one = Pointer.to(new float[] {1f});
    private final Pointer zero = Pointer.to(new float[] {0f});
    private CudnnTensor rows;

    CudnnSoftmax(CudnnHandle handle) {
        this.handle = handle;
    }

    @Override
    public String name() {
        return CudnnAlgorithm.STANDARD.implementation();
    }

    private static int algorithm(boolean logarithm) {
        return logarithm ? cudnnSoftmaxAlgorithm.CUDNN_SOFTMAX_LOG : cudnnSoftmaxAlgorithm.CUDNN_SOFTMAX_ACCURATE;
    }

    /** The descriptor, set to {@code [N, C, 1, 1]}. */
    private CudnnTensor describe(Tensor matrix) {
        if (rows == null) {
            rows = new CudnnTensor();
        }
        return rows.set(CudnnType.F32, matrix.shape().dim(0), matrix.shape().dim(1), 1, 1);
    }

    @Override
    public synchronized void computeForward(boolean logarithm, Tensor x, Tensor y) {
        CudnnTensor shape = describe(x);
        handle.call(
                "cudnnSoftmaxForward",
                h -> JCudnn.cudnnSoftmaxForward(
                        h,
                        algorithm(logarithm),
                        cudnnSoftmaxMode.CUDNN_SOFTMAX_MODE_INSTANCE,
                        one,
                        shape.descriptor(),
                        Addresses.pointer(x.address()),
                        zero,
                        shape.descriptor(),
                        Addresses.pointer(y.address())));
    }

    @Override
    public synchronized void computeBackward(boolean logarithm, Tensor y, Tensor dy, Tensor dx) {
        CudnnTensor shape = describe(y);
        handle.call(
                "cudnnSoftmaxBackward",
                h -> JCudnn.cudnnSoftmaxBackward(
                        h,
                        algorithm(logarithm),
                        cudnnSoftmaxMode.CUDNN_SOFTMAX_MODE_INSTANCE,
                        one,
                        shape.descriptor(),
                        Addresses.pointer(y.address()),
                        shape.descriptor(),
                        Addresses.pointer(dy.address()),
                        zero,
                        shape.descriptor(),
                        Addresses.pointer(dx.address())));
    }

    @Override
    public synchronized void close() {
        if (rows != null) {
            rows.close();
            rows = null;
        }
    }
}
