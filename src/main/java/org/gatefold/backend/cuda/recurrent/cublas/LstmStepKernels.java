package org.gatefold.backend.cuda.recurrent.cublas;

import jcuda.driver.CUstream;
import org.gatefold.backend.cuda.recurrent.StepKernels;

/** Steps of an LSTM: a product by cuBLAS, and one kernel for the gates. */
final class LstmStepKernels extends StepKernels {
    LstmStepKernels(Setting setting) {
        super(setting);
    }

    @Override
    protected void forward(CUstream stream, int j) {
        multiply(stream, j);
        launch(
                stream,
                "lstm_gates_forward_f32",
                "lstm_option_gates_forward_f32",
                forwardStep(j, lane.hidden((j + 1) % 2)));
    }

    @Override
    protected void backward(CUstream stream, int j) {
        launch(
                stream,
                "lstm_gates_backward_f32",
                "lstm_option_gates_backward_f32",
                step(j).address(lane.stateGradient(0))
                        .address(lane.stateGradient(1))
                        .address(lane.gateGradients())
                        .i32(operand.code()));
        multiplyBack(stream, j);
    }

    @Override
    protected void accumulate(CUstream stream, Gathered gathered, Weights into) {
        accumulateAll(stream, gathered, into);
        accumulatePeepholes(stream, gathered, into);
    }
}
