package org.gatefold.backend.cuda.operation;

import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.driver.Scratch;
import org.gatefold.backend.cuda.kernel.Kernels;

/** A CUDA operation whose kernels work in scratch memory, of which it owns one piece for all calls. */
abstract class ScratchOperation extends CudaOperation implements AutoCloseable {
    private final Scratch scratch;

    ScratchOperation(CudaContext context, Kernels kernels) {
        super(context, kernels);
        this.scratch = new Scratch(context);
    }

    /** The address of so many bytes, which are the next call's as well. */
    final long scratch(long bytes) {
        return scratch.atLeast(bytes);
    }

    @Override
    public final void close() {
        scratch.close();
    }
}
