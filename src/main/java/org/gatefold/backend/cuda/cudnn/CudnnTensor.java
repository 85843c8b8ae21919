package org.gatefold.backend.cuda.cudnn;

import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnTensorDescriptor;
import org.gatefold.backend.cuda.driver.CudaException;

/** Describes a dense tensor to cuDNN: owns a tensor descriptor. One thread at a time. */
final class CudnnTensor implements AutoCloseable {
    private final cudnnTensorDescriptor descriptor = new cudnnTensorDescriptor();

    /** A descriptor that says nothing yet. */
    CudnnTensor() {
        CudnnStatus.check("cudnnCreateTensorDescriptor", JCudnn.cudnnCreateTensorDescriptor(descriptor));
    }

    /** Describes a tensor of at least three dimensions, the last one varying fastest. */
    CudnnTensor set(CudnnType type, int... dimensions) {
        int[] strides = new int[dimensions.length];
        int stride = 1;
        for (int i = dimensions.length - 1; i >= 0; i--) {
            strides[i] = stride;
            stride = Math.multiplyExact(stride, dimensions[i]);
        }
        CudnnStatus.check(
                "cudnnSetTensorNdDescriptor",
                JCudnn.cudnnSetTensorNdDescriptor(
                        descriptor, type.dataType(), dimensions.length, dimensions.clone(), strides));
        return this;
    }

    /** The three dimensions of what cuDNN has described. */
    int[] dimensions() {
        int[] dimensions = new int[3];
        int[] strides = new int[3];
        CudnnStatus.check(
                "cudnnGetTensorNdDescriptor",
                JCudnn.cudnnGetTensorNdDescriptor(
                        descriptor, dimensions.length, new int[1], new int[1], dimensions, strides));
        if (strides[2] != 1 || (strides[1] != dimensions[2] && dimensions[1] > 1)) {
            throw new CudaException("cuDNN: expected a dense matrix, got one of " + dimensions[1] + " x "
                    + dimensions[2] + " with strides " + strides[1] + " and " + strides[2]);
        }
        return dimensions;
    }

    cudnnTensorDescriptor descriptor() {
        return descriptor;
    }

    @Override
    public void close() {
        CudnnStatus.check("cudnnDestroyTensorDescriptor", JCudnn.cudnnDestroyTensorDescriptor(descriptor));
    }
}
