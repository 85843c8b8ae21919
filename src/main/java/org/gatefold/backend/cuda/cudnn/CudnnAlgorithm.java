package org.gatefold.backend.cuda.cudnn;

import jcuda.jcudnn.cudnnRNNAlgo;

/** The algorithms of cuDNN's recurrent layers, each an implementation of its own for whoever chooses. */
enum CudnnAlgorithm {
    /** One product a step; takes everything that cuDNN can do. */
    STANDARD("cuda.cudnn", cudnnRNNAlgo.CUDNN_RNN_ALGO_STANDARD),
    /** One kernel for all steps, with the recurrent weights in registers; for few rows. */
    PERSIST_STATIC("cuda.cudnn.persist-static", cudnnRNNAlgo.CUDNN_RNN_ALGO_PERSIST_STATIC),
    /** The same, compiled for the sizes at hand when a plan is made. */
    PERSIST_DYNAMIC("cuda.cudnn.persist-dynamic", cudnnRNNAlgo.CUDNN_RNN_ALGO_PERSIST_DYNAMIC),
    /** The same for few hidden units. */
    SMALL_H("cuda.cudnn.small-h", cudnnRNNAlgo.CUDNN_RNN_ALGO_PERSIST_STATIC_SMALL_H);

    private final String implementation;
    private final int code;

    CudnnAlgorithm(String implementation, int code) {
        this.implementation = implementation;
        this.code = code;
    }

    /** The name of the implementation. */
    String implementation() {
        return implementation;
    }

    /** A {@code cudnnRNNAlgo}. */
    int code() {
        return code;
    }

    /** True if rows may be shorter than T; NVIDIA's documentation of the RNN calls allows that to STANDARD alone. */
    boolean takesPadding() {
        return this == STANDARD;
    }

    /**
     * True if results in F32 are good to the last bits. The persistent kernels are not: with cuDNN 9.19 on an H100 they are off
     * by up to 1.6e-5 of a tensor's largest element, where all else stays below 5e-7.
     */
    boolean isExact() {
        return this == STANDARD;
    }

    /** True if it is compiled for a number of rows, by {@code cudnnBuildRNNDynamic}. */
    boolean isBuilt() {
        return this == PERSIST_DYNAMIC;
    }
}
