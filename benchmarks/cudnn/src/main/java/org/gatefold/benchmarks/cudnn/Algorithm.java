package org.gatefold.benchmarks.cudnn;

import jcuda.jcudnn.cudnnRNNAlgo;

/** cuDNN's algorithms of recurrent layers. */
enum Algorithm {
    STANDARD("standard", cudnnRNNAlgo.CUDNN_RNN_ALGO_STANDARD),
    PERSIST_STATIC("persist-static", cudnnRNNAlgo.CUDNN_RNN_ALGO_PERSIST_STATIC),
    PERSIST_DYNAMIC("persist-dynamic", cudnnRNNAlgo.CUDNN_RNN_ALGO_PERSIST_DYNAMIC),
    SMALL_H("small-h", cudnnRNNAlgo.CUDNN_RNN_ALGO_PERSIST_STATIC_SMALL_H);

    private final String label;
    private final int code;

    Algorithm(String label, int code) {
        this.label = label;
        this.code = code;
    }

    int code() {
        return code;
    }

    static Algorithm named(String label) {
        for (Algorithm algorithm : values()) {
            if (algorithm.label.equals(label)) {
                return algorithm;
            }
        }
        throw new IllegalArgumentException(
                "algorithm must be standard, persist-static, persist-dynamic or small-h, got " + label);
    }
}
