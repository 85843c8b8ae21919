package org.gatefold.backend.cuda.operation;

import jcuda.driver.CUstream;
import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.kernel.KernelArguments;
import org.gatefold.backend.cuda.kernel.Kernels;
import org.gatefold.device.Operation;

/** What the kernels' operations share: where they are launched and what they are called. */
public abstract class CudaOperation implements Operation {
    private final CudaContext context;
    private final Kernels kernels;

    protected CudaOperation(CudaContext context, Kernels kernels) {
        this.context = context;
        this.kernels = kernels;
    }

    @Override
    public String name() {
        return "cuda";
    }

    public final CudaContext context() {
        return context;
    }

    public final Kernels kernels() {
        return kernels;
    }

    public final CUstream stream() {
        return context.stream();
    }

    /** Launches a grid-stride loop over {@code items}. */
    protected final void loop(String kernel, long items, KernelArguments arguments) {
        kernels.launchLoop(stream(), kernel, items, arguments);
    }
}
