package org.gatefold.backend.cuda.recurrent.cublas;

import jcuda.driver.CUstream;
import org.gatefold.backend.cuda.recurrent.StepKernels;

/**
 * Steps of a GRU whose reset gate multiplies h before the candidate's recurrent product, which therefore comes between two
 * kernels: after that of r and z forward, before it backward.
 */
final class ResetBeforeGruStepKernels extends StepKernels {
    ResetBeforeGruStepKernels(Setting setting) {
        super(setting);
    }

    @Override
    protected void forward(CUstream stream, int j) {
        multiply(stream, j, 2 * hidden);
        launch(
                stream,
                "gru_reset_before_operand_f32",
                forwardStep(j, lane.candidateOperand()).struct(options.bytes()));
        multiplyCandidate(stream);
        launch(
                stream,
                "gru_reset_before_forward_f32",
                forwardStep(j, lane.hidden((j + 1) % 2)).struct(options.bytes()));
    }

    @Override
    protected void backward(CUstream stream, int j) {
        launch(stream, "gru_reset_before_backward_f32", backwardStep(j).struct(options.bytes()));
        multiplyCandidateBack(stream);
        launch(
                stream,
                "gru_reset_before_operand_backward_f32",
                backwardOfOperand(j).struct(options.bytes()));
        multiplyBack(stream, j, 2 * hidden);
    }

    @Override
    protected void accumulate(CUstream stream, Gathered gathered, Weights into) {
        accumulateResetBefore(stream, gathered, into);
    }
}
