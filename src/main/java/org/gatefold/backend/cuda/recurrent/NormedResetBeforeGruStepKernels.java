package org.gatefold.backend.cuda.recurrent;

import jcuda.driver.CUstream;
import org.gatefold.backend.cuda.kernel.Gemm;

/** Steps of a GRU whose products are normalised, with the reset gate before the candidate's recurrent one. */
final class NormedResetBeforeGruStepKernels extends NormedStepKernels {
    NormedResetBeforeGruStepKernels(Setting setting) {
        super(setting);
    }

    @Override
    void forward(CUstream stream, int j) {
        multiply(stream, j, 2 * hidden);
        launchRows(stream, "gru_normed_reset_operand_f32", forwardStep(j, lane.candidateOperand()));
        multiplyCandidate(stream);
        launchRows(stream, "gru_normed_reset_forward_f32", forwardStep(j, lane.hidden((j + 1) % 2)));
    }

    @Override
    void backward(CUstream stream, int j) {
        launchRows(stream, "gru_normed_reset_backward_f32", backwardStep(j));
        multiplyCandidateBack(stream);
        launchRows(
                stream,
                "gru_normed_reset_operand_backward_f32",
                step(j).address(lane.candidateOperandGradient())
                        .address(lane.stateGradient(0))
                        .address(lane.gateGradients())
                        .i32(operand.code())
                        .struct(options.bytes()));
        multiplyBack(stream, j, 2 * hidden);
    }

    @Override
    void accumulate(CUstream stream, Gathered gathered, Weights into) {
        accumulateGru(
                stream,
                gathered,
                into,
                candidateGradients(gathered.gateOperands()),
                new Gemm.Matrix(gathered.candidateOperands(), hidden));
    }
}
