package org.gatefold.backend.cuda.recurrent.cublas;

import jcuda.driver.CUstream;

/** Steps of an LSTM whose products and cell state are normalised. */
final class NormedLstmStepKernels extends NormedStepKernels {
    NormedLstmStepKernels(Setting setting) {
        super(setting);
    }

    @Override
    protected void forward(CUstream stream, int j) {
        multiply(stream, j);
        launchRows(stream, "lstm_normed_forward_f32", forwardStep(j, lane.hidden((j + 1) % 2)));
    }

    @Override
    protected void backward(CUstream stream, int j) {
        launchRows(
                stream,
                "lstm_normed_backward_f32",
                step(j).address(lane.stateGradient(0))
                        .address(lane.stateGradient(1))
                        .address(lane.gateGradients())
                        .i32(operand.code())
                        .address(lane.product()));
        multiplyBack(stream, j);
    }

    @Override
    protected void accumulate(CUstream stream, Gathered gathered, Weights into) {
        accumulateAll(stream, gathered, into);
        accumulatePeepholes(stream, gathered, into);
    }
}
