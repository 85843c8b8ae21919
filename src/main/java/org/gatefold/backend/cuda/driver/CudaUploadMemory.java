package org.gatefold.backend.cuda.driver;

import jcuda.driver.CUevent;
import jcuda.driver.JCudaDriver;
import org.gatefold.device.UploadMemory;

/**
 * Memory that is written on the stream for uploads, ordered with the work by two events, which it owns. One thread at
 * a time.
 */
public final class CudaUploadMemory extends CudaMemory implements UploadMemory {
    private static final int EVENT_DISABLE_TIMING = 2;

    private final CudaContext context;
    private final CUevent written = new CUevent();
    private final CUevent read = new CUevent();
    private boolean released;

    public CudaUploadMemory(String name, CudaContext context, PinnedCopies staging) {
        super(name, context, staging, staging.beside());
        this.context = context;
        context.enter();
        CudaStatus.check("cuEventCreate", JCudaDriver.cuEventCreate(written, EVENT_DISABLE_TIMING));
        CudaStatus.check("cuEventCreate", JCudaDriver.cuEventCreate(read, EVENT_DISABLE_TIMING));
    }

    @Override
    public void ready() {
        context.enter();
        CudaStatus.check("cuEventRecord", JCudaDriver.cuEventRecord(written, context.uploads()));
        CudaStatus.check("cuStreamWaitEvent", JCudaDriver.cuStreamWaitEvent(context.stream(), written, 0));
    }

    @Override
    public void release() {
        context.enter();
        CudaStatus.check("cuEventRecord", JCudaDriver.cuEventRecord(read, context.stream()));
        released = true;
    }

    /** Only now, since other memories are written on the same stream and need not wait. */
    @Override
    void beforeWriting() {
        if (released) {
            context.enter();
            CudaStatus.check("cuStreamWaitEvent", JCudaDriver.cuStreamWaitEvent(context.uploads(), read, 0));
            released = false;
        }
    }

    @Override
    public void close() {
        context.enter();
        CudaStatus.check("cuEventDestroy", JCudaDriver.cuEventDestroy(written));
        CudaStatus.check("cuEventDestroy", JCudaDriver.cuEventDestroy(read));
    }
}
