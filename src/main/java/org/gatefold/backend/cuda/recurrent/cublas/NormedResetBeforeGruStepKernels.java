package org.gatefold.backend.cuda.recurrent.cublas;

import jcuda.driver.CUstream;

/** Steps of a GRU whose products are normalised, with the reset gate before the candidate's recurrent one. */
final class NormedResetBeforeGruStepKernels extends NormedStepKernels {
    NormedResetBeforeGruStepKernels(Setting setting) {
        super(setting, "gru_normed_reset_forward_f32", "gru_normed_reset_backward_f32");
    }

    @Override
    protected void forward(CUstream stream, int j) {
        multiply(stream, j, 2 * hidden);
        launchRows(stream, "gru_normed_reset_operand_f32", forwardStep(j, lane.candidateOperand()));
        multiplyCandidate(stream);
        launchForward(stream, j);
    }

    @Override
    protected void backward(CUstream stream, int j) {
        launchBackward(stream, j);
        multiplyCandidateBack(stream);
        launchRows(stream, "gru_normed_reset_operand_backward_f32", backwardOfOperand(j));
        multiplyBack(stream, j, 2 * hidden);
    }

    @Override
    protected void accumulate(CUstream stream, Gathered gathered, Weights into) {
        accumulateResetBefore(stream, gathered, into);
    }
}
