package org.gatefold.backend.cuda.recurrent.cublas;

import jcuda.driver.CUstream;
import org.gatefold.backend.cuda.kernel.KernelArguments;

/** Steps of an LSTM whose products and cell state are normalised. */
final class NormedLstmStepKernels extends NormedStepKernels {
    NormedLstmStepKernels(Setting setting) {
        super(setting, "lstm_normed_forward_f32", "lstm_normed_backward_f32");
    }

    @Override
    KernelArguments toldBackward(int j) {
        return step(j).address(lane.stateGradient(0))
                .address(lane.stateGradient(1))
                .address(lane.gateGradients())
                .i32(operand.code())
                .address(lane.product());
    }

    @Override
    protected void accumulate(CUstream stream, Gathered gathered, Weights into) {
        accumulateAll(stream, gathered, into);
        accumulatePeepholes(stream, gathered, into);
    }
}
