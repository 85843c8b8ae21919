package org.gatefold.backend.cuda;

import jcuda.driver.CUstream;

/** Steps of a GRU: the recurrent product stands apart, because the reset gate multiplies a part of it. */
final class GruSteps extends StepsCell {
    GruSteps(Setting setting) {
        super(setting);
    }

    /** First row of the candidate's block in Wh. */
    private long candidate(long wh) {
        return wh + 2L * hidden * hidden * Float.BYTES;
    }

    @Override
    void forward(Pass pass, Step step) {
        int columns = gateColumns();
        gemm.timesTransposed(
                pass.stream(),
                new Gemm.Matrix(step.hBefore(), hidden),
                new Gemm.Matrix(weights.wh(), hidden),
                new Gemm.Matrix(step.product(), columns),
                batch,
                columns,
                hidden,
                false);
        KernelArguments arguments = KernelArguments.of()
                .address(step.gates())
                .address(step.product())
                .address(weights.b())
                .address(step.extraBefore())
                .address(step.hBefore())
                .address(step.hAfter())
                .address(step.output())
                .address(pass.lengths());
        shape(arguments, step).i32(pass.keep() ? 1 : 0);
        launch(pass.stream(), "gru_gates_forward_f32", arguments);
    }

    @Override
    void backward(Pass pass, Step step, long dh, long dc) {
        KernelArguments arguments = KernelArguments.of()
                .address(step.gates())
                .address(step.extraBefore())
                .address(step.hBefore())
                .address(step.output())
                .address(dh)
                .address(pass.lengths());
        shape(arguments, step);
        launch(pass.stream(), "gru_gates_backward_f32", arguments);
        addProduct(pass.stream(), new Gemm.Matrix(step.gates(), gateColumns()), weights.wh(), dh, 2 * hidden);
        addProduct(pass.stream(), new Gemm.Matrix(step.extraBefore(), hidden), candidate(weights.wh()), dh, hidden);
    }

    @Override
    void accumulate(CUstream stream, long gates, long extra, long hBefore, int steps, Weights into) {
        int rows = steps * batch;
        Gemm.Matrix before = new Gemm.Matrix(hBefore, hidden);
        gemm.transposedTimes(
                stream,
                new Gemm.Matrix(gates, gateColumns()),
                before,
                new Gemm.Matrix(into.wh(), hidden),
                2 * hidden,
                hidden,
                rows,
                true);
        gemm.transposedTimes(
                stream,
                new Gemm.Matrix(extra, hidden),
                before,
                new Gemm.Matrix(candidate(into.wh()), hidden),
                hidden,
                hidden,
                rows,
                true);
        CudaLinear.columnSums(kernels, stream, gates, into.b(), rows, gateColumns(), gateColumns());
        CudaLinear.columnSums(
                kernels, stream, extra, into.b() + (long) gateColumns() * Float.BYTES, rows, hidden, hidden);
    }
}
