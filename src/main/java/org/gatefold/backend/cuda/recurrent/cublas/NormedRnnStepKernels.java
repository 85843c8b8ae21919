package org.gatefold.backend.cuda.recurrent.cublas;

import jcuda.driver.CUstream;

/** Steps of a plain RNN whose products are normalised. */
final class NormedRnnStepKernels extends NormedStepKernels {
    NormedRnnStepKernels(Setting setting) {
        super(setting);
    }

    @Override
    protected void forward(CUstream stream, int j) {
        multiply(stream, j);
        launchRows(stream, "rnn_normed_forward_f32", forwardStep(j, lane.hidden((j + 1) % 2)));
    }

    @Override
    protected void backward(CUstream stream, int j) {
        launchRows(stream, "rnn_normed_backward_f32", backwardStep(j));
        multiplyBack(stream, j);
    }

    @Override
    protected void accumulate(CUstream stream, Gathered gathered, Weights into) {
        accumulateAll(stream, gathered, into);
    }
}
