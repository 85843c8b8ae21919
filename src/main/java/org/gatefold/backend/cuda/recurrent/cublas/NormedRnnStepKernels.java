package org.gatefold.backend.cuda.recurrent.cublas;

import jcuda.driver.CUstream;

/** Steps of a plain RNN whose products are normalised. */
final class NormedRnnStepKernels extends NormedStepKernels {
    NormedRnnStepKernels(Setting setting) {
        super(setting, "rnn_normed_forward_f32", "rnn_normed_backward_f32");
    }

    @Override
    protected void accumulate(CUstream stream, Gathered gathered, Weights into) {
        accumulateAll(stream, gathered, into);
    }
}
