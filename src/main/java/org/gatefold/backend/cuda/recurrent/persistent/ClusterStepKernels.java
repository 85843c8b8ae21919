package org.gatefold.backend.cuda.recurrent.persistent;

import jcuda.driver.CUstream;
import org.gatefold.backend.cuda.kernel.KernelArguments;

/** Stretches of steps of one launch of clusters each; backward one launch a step where a cluster has no room for its weights. */
final class ClusterStepKernels extends StretchStepKernels<ClusterSize.Grid> {
    /** Bytes of the word by which clusters tell each other that one has given up. */
    static final long WORD_BYTES = 128;

    /** @param alarm the address of a word that is set where blocks wait in vain */
    ClusterStepKernels(Setting setting, ClusterSize size, long alarm) {
        super(setting, size.forward(), size.backward(), alarm);
    }

    @Override
    protected void forwardStretch(CUstream stream, int steps) {
        ClusterSize.Grid grid = forward.orElseThrow();
        launch(
                stream,
                kernel("_cluster"),
                grid,
                function(arguments(steps, grid, forwardWeights(), lane.hidden(0), lane.hidden(steps % 2))));
    }

    @Override
    protected void backwardStretch(CUstream stream, int steps) {
        ClusterSize.Grid grid = backward.orElseThrow();
        launch(
                stream,
                kernel("_cluster_backward"),
                grid,
                function(stateGradients(
                        arguments(steps, grid, backwardWeights(), gateGradients(steps % 2), gateGradients(0)))));
    }

    private KernelArguments arguments(int steps, ClusterSize.Grid grid, long packed, long first, long last) {
        return step(steps)
                .i32(grid.width())
                .i32(grid.rows())
                .address(packed)
                .address(first)
                .address(last)
                .address(lane.words())
                .address(alarm);
    }

    private void launch(CUstream stream, String kernel, ClusterSize.Grid grid, KernelArguments arguments) {
        lane.clear(stream, lane.words(), WORD_BYTES);
        kernels.launchClusters(
                stream, kernel, grid.clusters() * ClusterSize.BLOCKS, THREADS, grid.sharedBytes(), arguments);
    }
}
