package org.gatefold.backend.cuda;

import jcuda.driver.CUstream;
import org.gatefold.op.Cell;

/** Steps of a plain RNN. */
final class RnnSteps extends StepsCell {
    RnnSteps(Setting setting) {
        super(setting);
    }

    private int relu() {
        return spec.cell() == Cell.RNN_RELU ? 1 : 0;
    }

    @Override
    void forward(Pass pass, Step step) {
        gemm.timesTransposed(
                pass.stream(),
                new Gemm.Matrix(step.hBefore(), hidden),
                new Gemm.Matrix(weights.wh(), hidden),
                new Gemm.Matrix(step.gates(), hidden),
                batch,
                hidden,
                hidden,
                true);
        KernelArguments arguments = KernelArguments.of()
                .address(step.gates())
                .address(weights.b())
                .address(step.hBefore())
                .address(step.hAfter())
                .address(step.output())
                .address(pass.lengths());
        shape(arguments, step).i32(relu()).i32(pass.keep() ? 1 : 0);
        launch(pass.stream(), "rnn_gates_forward_f32", arguments);
    }

    @Override
    void backward(Pass pass, Step step, long dh, long dc) {
        KernelArguments arguments = KernelArguments.of()
                .address(step.gates())
                .address(step.output())
                .address(dh)
                .address(pass.lengths());
        shape(arguments, step).i32(relu());
        launch(pass.stream(), "rnn_gates_backward_f32", arguments);
        addProduct(pass.stream(), new Gemm.Matrix(step.gates(), hidden), weights.wh(), dh, hidden);
    }

    @Override
    void accumulate(CUstream stream, long gates, long extra, long hBefore, int steps, Weights into) {
        accumulateAll(stream, gates, hBefore, steps, into);
    }
}
