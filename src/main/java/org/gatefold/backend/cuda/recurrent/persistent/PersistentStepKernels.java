package org.gatefold.backend.cuda.recurrent.persistent;

import jcuda.driver.CUstream;
import org.gatefold.backend.cuda.kernel.KernelArguments;

/** Stretches of steps of one launch each; backward one launch a step where a block has no room for its weights. */
final class PersistentStepKernels extends StretchStepKernels<PersistentSize.Grid> {
    private final long wordBytes;

    /** @param alarm the address of a word that is set where blocks wait in vain */
    PersistentStepKernels(Setting setting, PersistentSize size, long alarm) {
        super(setting, size.forward(), size.backward(), alarm);
        this.wordBytes = size.wordBytes();
    }

    @Override
    protected void forwardStretch(CUstream stream, int steps) {
        launch(
                stream,
                kernel("_stretch"),
                forward.orElseThrow(),
                function(arguments(steps, forward.orElseThrow(), forwardWeights(), lane.hidden(0), lane.hidden(1))));
    }

    @Override
    protected void backwardStretch(CUstream stream, int steps) {
        launch(
                stream,
                kernel("_stretch_backward"),
                backward.orElseThrow(),
                function(stateGradients(arguments(
                        steps, backward.orElseThrow(), backwardWeights(), gateGradients(0), gateGradients(1)))));
    }

    private KernelArguments arguments(int steps, PersistentSize.Grid grid, long packed, long even, long odd) {
        return step(steps)
                .i32(grid.width())
                .address(packed)
                .address(even)
                .address(odd)
                .address(lane.words())
                .address(alarm);
    }

    private void launch(CUstream stream, String kernel, PersistentSize.Grid grid, KernelArguments arguments) {
        lane.clear(stream, lane.words(), wordBytes);
        kernels.launchTogether(stream, kernel, grid.columns(), grid.rows(), THREADS, grid.sharedBytes(), arguments);
    }
}
