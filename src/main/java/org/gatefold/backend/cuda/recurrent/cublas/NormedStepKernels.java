package org.gatefold.backend.cuda.recurrent.cublas;

import jcuda.driver.CUstream;
import org.gatefold.backend.cuda.kernel.KernelArguments;
import org.gatefold.backend.cuda.recurrent.Segment;
import org.gatefold.backend.cuda.recurrent.StepKernels;
import org.gatefold.backend.cuda.recurrent.StepsLayout;
import org.gatefold.op.Mode;

/**
 * Steps whose products are normalised: one kernel, a block a row, around each product by cuBLAS. Input products are normalised for all
 * steps of a segment at once.
 */
abstract class NormedStepKernels extends StepKernels {
    private static final int ROW_THREADS = 128;

    /** Products of a row that are normalised by themselves, the first with x. */
    private final int products;

    private final String forward;
    private final String backward;

    /**
     * @param forward the kernel behind the recurrent product of a step
     * @param backward the kernel before it on the way back
     */
    NormedStepKernels(Setting setting, String forward, String backward) {
        super(setting);
        this.forward = forward;
        this.backward = backward;
        products = new StepsLayout(spec, Mode.TRAINING).normedProducts();
    }

    @Override
    protected void forward(CUstream stream, int j) {
        multiply(stream, j);
        launchForward(stream, j);
    }

    @Override
    protected void backward(CUstream stream, int j) {
        launchBackward(stream, j);
        multiplyBack(stream, j);
    }

    final void launchForward(CUstream stream, int j) {
        launchRows(stream, forward, forwardStep(j, lane.hidden((j + 1) % 2)));
    }

    final void launchBackward(CUstream stream, int j) {
        launchRows(stream, backward, toldBackward(j));
    }

    /** What the kernel before the recurrent product on the way back from step j is told. */
    KernelArguments toldBackward(int j) {
        return backwardStep(j);
    }

    /** Launches a block for every row of the batch, which is told the options last. */
    final void launchRows(CUstream stream, String kernel, KernelArguments arguments) {
        launchRows(stream, kernel, batch, arguments.struct(options.bytes()));
    }

    private void launchRows(CUstream stream, String kernel, int rows, KernelArguments arguments) {
        kernels.launch(stream, kernel, rows, 1, ROW_THREADS, 1, arguments);
    }

    @Override
    protected void inputsMade(CUstream stream, Segment segment, long run) {
        launchRows(
                stream,
                "normalise_products_f32",
                segment.steps * batch,
                KernelArguments.of()
                        .address(segment.normalX(run))
                        .address(segment.inverses(run))
                        .i32(gateColumns())
                        .i32(products));
    }

    /** Address of gradients of the last gate's recurrent part where it has its own; else 0. */
    long gradientsApart(Segment segment, long run) {
        return 0;
    }

    @Override
    protected void stepsUndone(CUstream stream, Segment segment, long run, long lengths, Weights into) {
        int rows = segment.steps * batch;
        if (into != null) {
            int columns = 2 * gateColumns() + (spec.cell().hasCellState() ? 2 * hidden : 0);
            kernels.launch(
                    stream,
                    "norm_sums_f32",
                    (columns + 31) / 32,
                    1,
                    32,
                    8,
                    KernelArguments.of()
                            .address(segment.gates(run))
                            .address(gradientsApart(segment, run))
                            .address(segment.normalX(run))
                            .address(segment.normalH(run))
                            .address(segment.shiftGradients(run))
                            .address(into.norm())
                            .i64(rows)
                            .i32(hidden)
                            .i32(gateColumns())
                            .i32(columns));
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
                        .i32(gateColumns())
                        .i32(products));
    }
}
