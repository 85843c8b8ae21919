package org.gatefold.backend.cuda.recurrent.cublas;

import jcuda.driver.CUstream;
import org.gatefold.backend.cuda.recurrent.Segment;

/** Steps of a GRU whose products are normalised, with the reset gate after the candidate's recurrent one. */
final class NormedGruStepKernels extends NormedStepKernels {
    NormedGruStepKernels(Setting setting) {
        super(setting, "gru_normed_forward_f32", "gru_normed_backward_f32");
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
