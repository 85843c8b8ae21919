package org.gatefold.benchmarks.cudnn;

import java.util.Arrays;
import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnDirectionMode;
import jcuda.jcudnn.cudnnDropoutDescriptor;
import jcuda.jcudnn.cudnnMathType;
import jcuda.jcudnn.cudnnRNNBiasMode;
import jcuda.jcudnn.cudnnRNNDataDescriptor;
import jcuda.jcudnn.cudnnRNNDataLayout;
import jcuda.jcudnn.cudnnRNNDescriptor;
import jcuda.jcudnn.cudnnRNNInputMode;
import jcuda.jcudnn.cudnnRNNMode;
import jcuda.jcudnn.cudnnTensorDescriptor;
import org.gatefold.benchmarks.contract.Cell;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.Placement;

/**
 * What cuDNN is told of a stack of layers, which takes neither a handle nor a GPU. All rows are of equal length, so sequences are packed and
 * padding is disabled. Owns its descriptors; for one thread.
 */
final class Descriptors implements AutoCloseable {
    private static final int PADDED_IO_DISABLED = 0;

    private final cudnnRNNDescriptor rnn = new cudnnRNNDescriptor();
    private final cudnnRNNDataDescriptor input = new cudnnRNNDataDescriptor();
    private final cudnnRNNDataDescriptor output = new cudnnRNNDataDescriptor();
    private final cudnnTensorDescriptor states = new cudnnTensorDescriptor();

    /** @throws Status.Unsupported if cuDNN does not have such layers */
    Descriptors(LayerShape shape, Placement.Precision precision, Algorithm algorithm) {
        Status.cudnn("cudnnCreateRNNDescriptor", JCudnn.cudnnCreateRNNDescriptor(rnn));
        Status.cudnn("cudnnCreateRNNDataDescriptor", JCudnn.cudnnCreateRNNDataDescriptor(input));
        Status.cudnn("cudnnCreateRNNDataDescriptor", JCudnn.cudnnCreateRNNDataDescriptor(output));
        Status.cudnn("cudnnCreateTensorDescriptor", JCudnn.cudnnCreateTensorDescriptor(states));
        try {
            describe(shape, precision, Numbers.of(precision), algorithm);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void describe(LayerShape shape, Placement.Precision precision, Numbers numbers, Algorithm algorithm) {
        Status.cudnn(
                "cudnnSetRNNDescriptor_v8",
                JCudnn.cudnnSetRNNDescriptor_v8(
                        rnn,
                        algorithm.code(),
                        shape.cell() == Cell.LSTM ? cudnnRNNMode.CUDNN_LSTM : cudnnRNNMode.CUDNN_GRU,
                        cudnnRNNBiasMode.CUDNN_RNN_DOUBLE_BIAS,
                        shape.directions() == 2
                                ? cudnnDirectionMode.CUDNN_BIDIRECTIONAL
                                : cudnnDirectionMode.CUDNN_UNIDIRECTIONAL,
                        cudnnRNNInputMode.CUDNN_LINEAR_INPUT,
                        numbers.cudnnType(),
                        Numbers.F32.cudnnType(),
                        switch (precision) {
                            case F32 -> cudnnMathType.CUDNN_FMA_MATH;
                            case TF32 -> cudnnMathType.CUDNN_DEFAULT_MATH;
                            case F16, BF16 -> cudnnMathType.CUDNN_TENSOR_OP_MATH;
                        },
                        shape.inputSize(),
                        shape.hiddenSize(),
                        shape.hiddenSize(),
                        shape.layers(),
                        new cudnnDropoutDescriptor(),
                        PADDED_IO_DISABLED));
        sequence(input, shape, numbers, shape.inputSize());
        sequence(output, shape, numbers, shape.outputSize());
        int[] dimensions = {shape.layers() * shape.directions(), shape.batch(), shape.hiddenSize()};
        int[] strides = {shape.batch() * shape.hiddenSize(), shape.hiddenSize(), 1};
        Status.cudnn(
                "cudnnSetTensorNdDescriptor",
                JCudnn.cudnnSetTensorNdDescriptor(states, numbers.cudnnType(), 3, dimensions, strides));
    }

    private static void sequence(cudnnRNNDataDescriptor descriptor, LayerShape shape, Numbers numbers, int features) {
        int[] lengths = new int[shape.batch()];
        Arrays.fill(lengths, shape.steps());
        Status.cudnn(
                "cudnnSetRNNDataDescriptor",
                JCudnn.cudnnSetRNNDataDescriptor(
                        descriptor,
                        numbers.cudnnType(),
                        cudnnRNNDataLayout.CUDNN_RNN_DATA_LAYOUT_SEQ_MAJOR_PACKED,
                        shape.steps(),
                        shape.batch(),
                        features,
                        lengths,
                        new Pointer()));
    }

    cudnnRNNDescriptor rnn() {
        return rnn;
    }

    /** Of x and dx. */
    cudnnRNNDataDescriptor input() {
        return input;
    }

    /** Of y and dy. */
    cudnnRNNDataDescriptor output() {
        return output;
    }

    /** Of h and c, {@code [L·D, B, H]}. */
    cudnnTensorDescriptor states() {
        return states;
    }

    @Override
    public void close() {
        Status.cudnn("cudnnDestroyTensorDescriptor", JCudnn.cudnnDestroyTensorDescriptor(states));
        Status.cudnn("cudnnDestroyRNNDataDescriptor", JCudnn.cudnnDestroyRNNDataDescriptor(output));
        Status.cudnn("cudnnDestroyRNNDataDescriptor", JCudnn.cudnnDestroyRNNDataDescriptor(input));
        Status.cudnn("cudnnDestroyRNNDescriptor", JCudnn.cudnnDestroyRNNDescriptor(rnn));
    }
}
