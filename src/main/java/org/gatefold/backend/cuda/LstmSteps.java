package org.gatefold.backend.cuda;

import jcuda.driver.CUstream;

/** Steps of an LSTM: the recurrent product is added to the input's, and one kernel does the gates. */
final class LstmSteps extends StepsCell {
    LstmSteps(Setting setting) {
        super(setting);
    }

    @Override
    void forward(Pass pass, Step step) {
        int columns = gateColumns();
        gemm.timesTransposed(
                pass.stream(),
                new Gemm.Matrix(step.hBefore(), hidden),
                new Gemm.Matrix(weights.wh(), hidden),
                new Gemm.Matrix(step.gates(), columns),
                batch,
                columns,
                hidden,
                true);
        KernelArguments arguments = KernelArguments.of()
                .address(step.gates())
                .address(weights.b())
                .address(step.extraBefore())
                .address(step.extraAfter())
                .address(step.hBefore())
                .address(step.hAfter())
                .address(step.output())
                .address(pass.lengths());
        shape(arguments, step).f32(spec.cellClip()).i32(pass.keep() ? 1 : 0);
        launch(pass.stream(), "lstm_gates_forward_f32", arguments);
    }

    @Override
    void backward(Pass pass, Step step, long dh, long dc) {
        KernelArguments arguments = KernelArguments.of()
                .address(step.gates())
                .address(step.extraBefore())
                .address(step.extraAfter())
                .address(step.output())
                .address(dh)
                .address(dc)
                .address(pass.lengths());
        shape(arguments, step).f32(spec.cellClip());
        launch(pass.stream(), "lstm_gates_backward_f32", arguments);
        addProduct(pass.stream(), new Gemm.Matrix(step.gates(), gateColumns()), weights.wh(), dh, gateColumns());
    }

    @Override
    void accumulate(CUstream stream, long gates, long extra, long hBefore, int steps, Weights into) {
        accumulateAll(stream, gates, hBefore, steps, into);
    }
}
