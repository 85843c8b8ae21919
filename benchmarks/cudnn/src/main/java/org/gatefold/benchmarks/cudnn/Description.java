package org.gatefold.benchmarks.cudnn;

import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnForwardMode;
import jcuda.jcudnn.cudnnHandle;
import jcuda.jcudnn.cudnnRNNDataDescriptor;
import jcuda.jcudnn.cudnnRNNDescriptor;
import jcuda.jcudnn.cudnnTensorDescriptor;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.Placement;

/** A stack of layers on a GPU, and how much memory cuDNN wants for it. Owns descriptors and handle; for one thread. */
final class Description implements AutoCloseable {
    private final cudnnHandle handle = new cudnnHandle();
    private final Descriptors descriptors;
    private final int forwardMode;
    private final long weightBytes;
    private final long workBytes;
    private final long reserveBytes;

    /** @throws Status.Unsupported if cuDNN does not have such layers */
    Description(Gpu gpu, LayerShape shape, Placement.Precision precision, Algorithm algorithm, boolean training) {
        descriptors = new Descriptors(shape, precision, algorithm);
        forwardMode = training ? cudnnForwardMode.CUDNN_FWD_MODE_TRAINING : cudnnForwardMode.CUDNN_FWD_MODE_INFERENCE;
        try {
            Status.cudnn("cudnnCreate", JCudnn.cudnnCreate(handle));
            Status.cudnn("cudnnSetStream", JCudnn.cudnnSetStream(handle, gpu.stream()));
            if (algorithm == Algorithm.PERSIST_DYNAMIC) {
                Status.cudnn("cudnnBuildRNNDynamic", JCudnn.cudnnBuildRNNDynamic(handle, rnn(), shape.batch()));
            }
            long[] size = new long[1];
            Status.cudnn("cudnnGetRNNWeightSpaceSize", JCudnn.cudnnGetRNNWeightSpaceSize(handle, rnn(), size));
            weightBytes = size[0];
            long[] reserve = new long[1];
            Status.cudnn(
                    "cudnnGetRNNTempSpaceSizes",
                    JCudnn.cudnnGetRNNTempSpaceSizes(handle, rnn(), forwardMode, input(), size, reserve));
            workBytes = size[0];
            reserveBytes = training ? reserve[0] : 0;
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    cudnnHandle handle() {
        return handle;
    }

    cudnnRNNDescriptor rnn() {
        return descriptors.rnn();
    }

    cudnnRNNDataDescriptor input() {
        return descriptors.input();
    }

    cudnnRNNDataDescriptor output() {
        return descriptors.output();
    }

    cudnnTensorDescriptor states() {
        return descriptors.states();
    }

    int forwardMode() {
        return forwardMode;
    }

    long weightBytes() {
        return weightBytes;
    }

    long workBytes() {
        return workBytes;
    }

    /** What the forward pass leaves for the backward pass; 0 in inference. */
    long reserveBytes() {
        return reserveBytes;
    }

    @Override
    public void close() {
        descriptors.close();
        Status.cudnn("cudnnDestroy", JCudnn.cudnnDestroy(handle));
    }
}
