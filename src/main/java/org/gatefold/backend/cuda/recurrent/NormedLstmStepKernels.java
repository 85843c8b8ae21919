package org.gatefold.backend.cuda.recurrent;

import jcuda.driver.CUstream;
import org.gatefold.backend.cuda.kernel.KernelArguments;

/**
 * Steps of an LSTM whose products and cell state are normalised: a product by cuBLAS, and one kernel, a block a row. Input products
 * are normalised for all steps of a segment at once.
 */
final class NormedLstmStepKernels extends StepKernels {
    private static final int ROW_THREADS = 128;

    NormedLstmStepKernels(Setting setting) {
        super(setting);
    }

    /** Launches a block for every row. */
    private void launchRows(CUstream stream, String kernel, int rows, KernelArguments arguments) {
        kernels.launch(stream, kernel, rows, 1, ROW_THREADS, 1, arguments);
    }

    @Override
    void inputsMade(CUstream stream, Segment segment, long run) {
        launchRows(
                stream,
                "normalise_products_f32",
                segment.steps * batch,
                KernelArguments.of()
                        .address(segment.normalX(run))
                        .address(segment.inverses(run))
                        .i32(gateColumns()));
    }

    @Override
    void forward(CUstream stream, int j) {
        multiply(stream, j);
        launchRows(
                stream,
                "lstm_normed_forward_f32",
                batch,
                step(j).address(lane.product())
                        .address(lane.hidden((j + 1) % 2))
                        .i32(operand.code())
                        .struct(options.bytes()));
    }

    @Override
    void backward(CUstream stream, int j) {
        launchRows(
                stream,
                "lstm_normed_backward_f32",
                batch,
                step(j).address(lane.stateGradient(0))
                        .address(lane.stateGradient(1))
                        .address(lane.gateGradients())
                        .i32(operand.code())
                        .address(lane.product())
                        .struct(options.bytes()));
        multiplyBack(stream, j);
    }

    @Override
    void stepsUndone(CUstream stream, Segment segment, long run, long lengths, Weights into) {
        int rows = segment.steps * batch;
        if (into != null) {
            kernels.launch(
                    stream,
                    "norm_sums_f32",
                    (10 * hidden + 31) / 32,
                    1,
                    32,
                    8,
                    KernelArguments.of()
                            .address(segment.gates(run))
                            .address(segment.normalX(run))
                            .address(segment.normalH(run))
                            .address(segment.shiftGradients(run))
                            .address(into.norm())
                            .i64(rows)
                            .i32(hidden));
        }
        launchRows(
                stream,
                "normalised_products_backward_f32",
                rows,
                KernelArguments.of()
                        .address(segment.gates(run))
                        .address(segment.normalX(run))
                        .address(segment.inverses(run))
                        .address(weights.norm())
                        .address(lengths)
                        .i32(segment.begin())
                        .i32(batch)
                        .i32(gateColumns()));
    }

    @Override
    void accumulate(CUstream stream, Gathered gathered, Weights into) {
        accumulateAll(stream, gathered, into);
        accumulatePeepholes(stream, gathered, into);
    }
}
