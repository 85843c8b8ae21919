package org.gatefold.backend.cuda;

import jcuda.driver.CUstream;
import org.gatefold.device.Operation;

/** What the kernels' operations share: where they are launched and what they are called. */
abstract class CudaOperation implements Operation {
    private final CudaContext context;
    private final Kernels kernels;

    CudaOperation(CudaContext context, Kernels kernels) {
        this.context = context;
        this.kernels = kernels;
    }

    @Override
    public String name() {
        return "cuda";
    }

    final CudaContext context() {
        return context;
    }

    final Kernels kernels() {
        return kernels;
    }

    final CUstream stream() {
        return context.stream();
    }

    /** Launches a grid-stride loop over {@code items}. */
    final void loop(String kernel, long items, KernelArguments arguments) {
        kernels.launchLoop(stream(), kernel, items, arguments);
    }
}
