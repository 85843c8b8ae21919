package org.gatefold.benchmarks.cudnn;

import org.gatefold.benchmarks.contract.SubmittedPass;

/** A pass on a GPU, timed by its events. Owns the GPU and all memory on it. */
abstract class GpuPass extends SubmittedPass {
    final Gpu gpu;

    GpuPass(Gpu gpu) {
        this.gpu = gpu;
    }

    @Override
    protected final void await() {
        gpu.synchronize();
    }

    @Override
    public final double nanos(int iterations) {
        return gpu.nanos(this::submit, iterations);
    }

    @Override
    public final long deviceBytes() {
        return gpu.bytes();
    }

    @Override
    public void close() {
        gpu.close();
    }
}
