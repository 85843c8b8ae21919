package org.gatefold.backend.cuda.cudnn;

import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnDirectionMode;
import jcuda.jcudnn.cudnnDropoutDescriptor;
import jcuda.jcudnn.cudnnRNNBiasMode;
import jcuda.jcudnn.cudnnRNNDescriptor;
import jcuda.jcudnn.cudnnRNNInputMode;
import jcuda.jcudnn.cudnnRNNMode;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.Direction;
import org.gatefold.op.recurrent.RecurrentSpec;

/**
 * Describes a stack of recurrent layers to cuDNN: owns an RNN descriptor. One thread at a time.
 *
 * <p>The bias is always double, since all algorithms but STANDARD insist on it. Padded input and output are enabled, which
 * JCudnn has no constant for. A stack that reads backwards is described as one that reads forward: cuDNN has no such
 * direction, and its sequences are turned round on the way in and out.
 */
final class CudnnRnn implements AutoCloseable {
    private static final int PADDED_IO_ENABLED = 1;

    private final cudnnRNNDescriptor descriptor = new cudnnRNNDescriptor();
    private final CudnnHandle handle;
    private final CudnnAlgorithm algorithm;
    private final CudnnType type;
    private final RecurrentSpec stack;
    private final CudnnDropout dropout;
    private final long weightBytes;

    /**
     * @param stack the layers, of which cell, sizes, direction, projection and skipped input count
     * @param dropout between the layers, owned by the caller; null if there is none
     * @throws CudnnUnsupportedException if cuDNN does not have such layers
     */
    CudnnRnn(CudnnHandle handle, CudnnAlgorithm algorithm, CudnnType type, RecurrentSpec stack, CudnnDropout dropout) {
        this.handle = handle;
        this.algorithm = algorithm;
        this.type = type;
        this.stack = stack;
        this.dropout = dropout;
        CudnnStatus.check("cudnnCreateRNNDescriptor", JCudnn.cudnnCreateRNNDescriptor(descriptor));
        try {
            set();
            long[] bytes = new long[1];
            CudnnStatus.checkSupport(
                    "cudnnGetRNNWeightSpaceSize",
                    handle.ask(h -> JCudnn.cudnnGetRNNWeightSpaceSize(h, descriptor, bytes)));
            weightBytes = bytes[0];
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Sets everything, again if the dropout descriptor has changed. */
    void set() {
        CudnnStatus.checkSupport(
                "cudnnSetRNNDescriptor",
                JCudnn.cudnnSetRNNDescriptor_v8(
                        descriptor,
                        algorithm.code(),
                        mode(stack.cell()),
                        cudnnRNNBiasMode.CUDNN_RNN_DOUBLE_BIAS,
                        stack.direction() == Direction.BIDIRECTIONAL
                                ? cudnnDirectionMode.CUDNN_BIDIRECTIONAL
                                : cudnnDirectionMode.CUDNN_UNIDIRECTIONAL,
                        stack.options().skipInput()
                                ? cudnnRNNInputMode.CUDNN_SKIP_INPUT
                                : cudnnRNNInputMode.CUDNN_LINEAR_INPUT,
                        type.dataType(),
                        type.mathPrecision(),
                        type.mathType(),
                        stack.inputSize(),
                        stack.hiddenSize(),
                        // As many as units where there is no projection; 0 is refused.
                        stack.projectionSize(),
                        stack.layers(),
                        dropout == null ? new cudnnDropoutDescriptor() : dropout.descriptor(),
                        PADDED_IO_ENABLED));
        if (algorithm.isBuilt()) {
            CudnnStatus.checkSupport(
                    "cudnnBuildRNNDynamic", handle.ask(h -> JCudnn.cudnnBuildRNNDynamic(h, descriptor, stack.batch())));
        }
    }

    private static int mode(Cell cell) {
        return switch (cell) {
            case LSTM -> cudnnRNNMode.CUDNN_LSTM;
            case GRU -> cudnnRNNMode.CUDNN_GRU;
            case RNN_TANH -> cudnnRNNMode.CUDNN_RNN_TANH;
            case RNN_RELU -> cudnnRNNMode.CUDNN_RNN_RELU;
        };
    }

    cudnnRNNDescriptor descriptor() {
        return descriptor;
    }

    /** Bytes of the weight space. */
    long weightBytes() {
        return weightBytes;
    }

    @Override
    public void close() {
        CudnnStatus.check("cudnnDestroyRNNDescriptor", JCudnn.cudnnDestroyRNNDescriptor(descriptor));
    }
}
