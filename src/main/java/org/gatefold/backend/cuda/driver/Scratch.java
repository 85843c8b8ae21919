package org.gatefold.backend.cuda.driver;

import jcuda.driver.JCudaDriver;

/** Device memory that grows to what is asked for; callers take turns. */
public final class Scratch implements AutoCloseable {
    private final CudaContext context;
    private Addresses.Allocation allocation;
    private long bytes;

    public Scratch(CudaContext context) {
        this.context = context;
    }

    /** Address of at least {@code wanted} bytes; what stood there is lost if it had to grow. */
    public long atLeast(long wanted) {
        if (wanted > bytes) {
            close();
            context.enter();
            Addresses.Allocation larger = new Addresses.Allocation();
            CudaStatus.check("cuMemAlloc", JCudaDriver.cuMemAlloc(larger, wanted));
            allocation = larger;
            bytes = wanted;
        }
        return allocation.address();
    }

    @Override
    public void close() {
        if (allocation != null) {
            context.drain();
            CudaStatus.check("cuMemFree", JCudaDriver.cuMemFree(allocation));
            allocation = null;
            bytes = 0;
        }
    }
}
