package org.gatefold.backend.cuda.driver;

import jcuda.driver.JCudaDriver;
import org.gatefold.device.Download;
import org.gatefold.tensor.Block;

/** Copies to page-locked memory of its own, whose end an event tells. One thread at a time. */
public final class CudaDownload implements Download {
    private final CudaContext context;
    private final PinnedCopies staging;
    private final PinnedCopies.Pinned pinned;
    private final int words;

    /** @param staging counts the copies */
    public CudaDownload(CudaContext context, PinnedCopies staging, int words) {
        this.context = context;
        this.staging = staging;
        this.words = words;
        context.enter();
        this.pinned = new PinnedCopies.Pinned(words);
    }

    @Override
    public void submit(Block source, long offset) {
        context.enter();
        CudaStatus.check(
                "cuMemcpyDtoHAsync",
                JCudaDriver.cuMemcpyDtoHAsync(
                        pinned.pointer(), Addresses.device(source.address() + offset), words * 4L, context.stream()));
        CudaStatus.check("cuEventRecord", JCudaDriver.cuEventRecord(pinned.done(), context.stream()));
        staging.downloaded(words);
    }

    @Override
    public void await(float[] target) {
        context.enter();
        CudaStatus.check("cuEventSynchronize", JCudaDriver.cuEventSynchronize(pinned.done()));
        pinned.view().asFloatBuffer().get(target, 0, words);
    }

    @Override
    public void close() {
        context.enter();
        // The copy that was submitted last may be under way, if nobody waited for it.
        CudaStatus.check("cuEventSynchronize", JCudaDriver.cuEventSynchronize(pinned.done()));
        pinned.free();
    }
}
