package org.gatefold.backend.cuda.recurrent.cublas;

import jcuda.driver.CUstream;
import org.gatefold.backend.cuda.recurrent.Segment;

/** Steps of a GRU whose products are normalised, with the reset gate after the candidate's recurrent one. */
final class NormedGruStepKernels extends NormedStepKernels {
    NormedGruStepKernels(Setting setting) {
        super(setting);
    }

    @Override
    protected void forward(CUstream stream, int j) {
        multiply(stream, j);
        launchRows(stream, "gru_normed_forward_f32", forwardStep(j, lane.hidden((j + 1) % 2)));
    }

    @Override
    protected void backward(CUstream stream, int j) {
        launchRows(stream, "gru_normed_backward_f32", backwardStep(j));
        multiplyBack(stream, j);
    }

    @Override
    long gradientsApart(Segment segment, long run) {
        return segment.candidates(run);
    }

    @Override
    protected void accumulate(CUstream stream, Gathered gathered, Weights into) {
        accumulateAll(stream, gathered, into);
        accumulateCandidateBias(stream, gathered, into);
    }
}
