package org.gatefold.backend.cuda.recurrent.cublas;

import jcuda.driver.CUstream;
import org.gatefold.backend.cuda.recurrent.StepKernels;

/** Steps of a GRU, whose candidate's recurrent product has a gradient of its own, because the reset gate multiplies it. */
final class GruStepKernels extends StepKernels {
    GruStepKernels(Setting setting) {
        super(setting);
    }

    @Override
    protected void forward(CUstream stream, int j) {
        multiply(stream, j);
        launch(
                stream,
                "gru_gates_forward_f32",
                "gru_option_gates_forward_f32",
                forwardStep(j, lane.hidden((j + 1) % 2)));
    }

    @Override
    protected void backward(CUstream stream, int j) {
        launch(stream, "gru_gates_backward_f32", "gru_option_gates_backward_f32", backwardStep(j));
        multiplyBack(stream, j);
    }

    @Override
    protected void accumulate(CUstream stream, Gathered gathered, Weights into) {
        accumulateCandidateApart(stream, gathered, into);
    }
}
