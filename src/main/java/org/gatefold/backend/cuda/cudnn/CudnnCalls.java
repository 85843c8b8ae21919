package org.gatefold.backend.cuda.cudnn;

import jcuda.Pointer;
import jcuda.driver.CUstream;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnForwardMode;
import jcuda.jcudnn.cudnnRNNDescriptor;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.jcudnn.cudnnWgradMode;
import org.gatefold.backend.cuda.driver.Addresses;
import org.gatefold.op.Mode;

/**
 * What a plan asks of cuDNN, with every status checked. Thread-safe. Not final, so that tests can plant mistakes.
 *
 * <p>An address of 0 stands for what is not given. Lengths on the device are not: cuDNN takes them from the descriptors of
 * the sequences since 8.9.1.
 */
class CudnnCalls {
    private final CudnnHandle handle;

    CudnnCalls(CudnnHandle handle) {
        this.handle = handle;
    }

    final CudnnHandle handle() {
        return handle;
    }

    /** Memory of the device. */
    record Room(long address, long bytes) {
        Pointer pointer() {
            // JCudnn throws on null where cuDNN takes a null pointer.
            return CudnnCalls.pointer(address);
        }
    }

    /** Bytes of the workspace, and of the reserve in training. */
    record TempSpace(long work, long reserve) {}

    /** Where a matrix or a bias lies in a weight space, in bytes from its start. */
    record Place(long offset, int rows, int columns) {}

    /** The matrix and the bias of one linear layer, in cuDNN's words; null where it has none. */
    record Params(Place matrix, Place bias) {}

    /**
     * What all calls of one pass share.
     *
     * @param hidden of h, {@code [L·D, B, P]}
     * @param cells of c, {@code [L·D, B, H]}
     */
    record Pass(
            CudnnRnn rnn,
            CudnnSequence input,
            CudnnSequence output,
            CudnnTensor hidden,
            CudnnTensor cells,
            Room weights,
            Room work,
            Room reserve) {}

    /** States, h of {@code [L·D, B, P]} and c of {@code [L·D, B, H]}, or their gradients. */
    record States(long h, long c) {}

    private static final class Address extends Pointer {
        long value() {
            return getNativePointer();
        }
    }

    private static Pointer pointer(long address) {
        return address == 0 ? new Pointer() : Addresses.pointer(address);
    }

    private static int code(Mode mode) {
        return mode == Mode.TRAINING
                ? cudnnForwardMode.CUDNN_FWD_MODE_TRAINING
                : cudnnForwardMode.CUDNN_FWD_MODE_INFERENCE;
    }

    /**
     * Sizes for a forward pass in {@code mode} and the backward pass behind it.
     *
     * @throws CudnnUnsupportedException if cuDNN does not run such layers
     */
    TempSpace tempSpace(CudnnRnn rnn, Mode mode, CudnnSequence input) {
        long[] work = new long[1];
        long[] reserve = new long[1];
        CudnnStatus.checkSupport(
                "cudnnGetRNNTempSpaceSizes",
                handle.ask(h -> JCudnn.cudnnGetRNNTempSpaceSizes(
                        h, rnn.descriptor(), code(mode), input.descriptor(), work, reserve)));
        return new TempSpace(work[0], mode == Mode.TRAINING ? reserve[0] : 0);
    }

    /**
     * Asks where a linear layer's parameters lie.
     *
     * @param set layer and direction, {@code layer * D + direction}
     * @param linear 0 to G-1 on the input, G to 2G-1 on the state before, 2G the projection
     */
    Params params(CudnnRnn rnn, Room weights, int set, int linear) {
        Address matrix = new Address();
        Address bias = new Address();
        try (CudnnTensor matrixShape = new CudnnTensor();
                CudnnTensor biasShape = new CudnnTensor()) {
            handle.call(
                    "cudnnGetRNNWeightParams",
                    h -> JCudnn.cudnnGetRNNWeightParams(
                            h,
                            rnn.descriptor(),
                            set,
                            weights.bytes(),
                            weights.pointer(),
                            linear,
                            matrixShape.descriptor(),
                            matrix,
                            biasShape.descriptor(),
                            bias));
            return new Params(place(matrix, matrixShape, weights), place(bias, biasShape, weights));
        }
    }

    private static Place place(Address address, CudnnTensor shape, Room weights) {
        if (address.value() == 0) {
            return null;
        }
        int[] dimensions = shape.dimensions();
        return new Place(address.value() - weights.address(), dimensions[1], dimensions[2]);
    }

    /** Sets the space of the weights' gradients to zeros, since {@link #backwardWeights} adds to it. */
    void clear(CUstream stream, Room gradients) {
        handle.context().clear(stream, gradients.address(), gradients.bytes());
    }

    /**
     * Runs all layers forward.
     *
     * @param x read
     * @param y written, undefined in padding
     * @param initial read; 0 means zeros
     * @param last written; 0 if not wanted
     */
    void forward(Pass pass, Mode mode, long x, long y, States initial, States last) {
        cudnnRNNDescriptor rnn = pass.rnn().descriptor();
        cudnnTensorDescriptor hidden = pass.hidden().descriptor();
        cudnnTensorDescriptor cells = pass.cells().descriptor();
        handle.call(
                "cudnnRNNForward",
                h -> JCudnn.cudnnRNNForward(
                        h,
                        rnn,
                        code(mode),
                        new Pointer(),
                        pass.input().descriptor(),
                        pointer(x),
                        pass.output().descriptor(),
                        pointer(y),
                        hidden,
                        pointer(initial.h()),
                        pointer(last.h()),
                        cells,
                        pointer(initial.c()),
                        pointer(last.c()),
                        pass.weights().bytes(),
                        pass.weights().pointer(),
                        pass.work().bytes(),
                        pass.work().pointer(),
                        pass.reserve().bytes(),
                        pass.reserve().pointer()));
    }

    /**
     * Gradients of sequence and states; before {@link #backwardWeights}.
     *
     * @param y the output of the forward pass, read
     * @param dy read, ignored in padding
     * @param dx written, undefined in padding
     * @param initial of the forward pass, read; 0 means zeros
     * @param dLast read; 0 means zeros
     * @param dInitial written; 0 if not wanted
     */
    void backwardData(Pass pass, long y, long dy, long dx, States initial, States dLast, States dInitial) {
        cudnnRNNDescriptor rnn = pass.rnn().descriptor();
        cudnnTensorDescriptor hidden = pass.hidden().descriptor();
        cudnnTensorDescriptor cells = pass.cells().descriptor();
        handle.call(
                "cudnnRNNBackwardData",
                h -> JCudnn.cudnnRNNBackwardData_v8(
                        h,
                        rnn,
                        new Pointer(),
                        pass.output().descriptor(),
                        pointer(y),
                        pointer(dy),
                        pass.input().descriptor(),
                        pointer(dx),
                        hidden,
                        pointer(initial.h()),
                        pointer(dLast.h()),
                        pointer(dInitial.h()),
                        cells,
                        pointer(initial.c()),
                        pointer(dLast.c()),
                        pointer(dInitial.c()),
                        pass.weights().bytes(),
                        pass.weights().pointer(),
                        pass.work().bytes(),
                        pass.work().pointer(),
                        pass.reserve().bytes(),
                        pass.reserve().pointer()));
    }

    /**
     * Gradients of the weights.
     *
     * @param x the input of the forward pass, read
     * @param y the output of the forward pass, read
     * @param initialH of the forward pass, read; 0 means zeros
     * @param gradients a weight space, added to
     */
    void backwardWeights(Pass pass, long x, long y, long initialH, Room gradients) {
        cudnnRNNDescriptor rnn = pass.rnn().descriptor();
        handle.call(
                "cudnnRNNBackwardWeights",
                h -> JCudnn.cudnnRNNBackwardWeights_v8(
                        h,
                        rnn,
                        cudnnWgradMode.CUDNN_WGRAD_MODE_ADD,
                        new Pointer(),
                        pass.input().descriptor(),
                        pointer(x),
                        pass.hidden().descriptor(),
                        pointer(initialH),
                        pass.output().descriptor(),
                        pointer(y),
                        gradients.bytes(),
                        gradients.pointer(),
                        pass.work().bytes(),
                        pass.work().pointer(),
                        pass.reserve().bytes(),
                        pass.reserve().pointer()));
    }
}
