package org.gatefold.backend.cuda.driver;

import java.util.List;
import jcuda.driver.CUevent;
import jcuda.driver.JCudaDriver;
import org.gatefold.device.Download;
import org.gatefold.tensor.Block;

/** Copies to page-locked memory of its own, whose end an event tells. One thread at a time. */
public final class CudaDownload implements Download {
    private final CudaContext context;
    private final PinnedCopies staging;
    private final PinnedCopies.Pinned pinned;
    private final int words;
    private CUevent copied;

    /** @param staging counts the copies */
    public CudaDownload(CudaContext context, PinnedCopies staging, int words) {
        this.context = context;
        this.staging = staging;
        this.words = words;
        context.enter();
        this.pinned = new PinnedCopies.Pinned(words);
        this.copied = pinned.done();
    }

    @Override
    public void submit(Block source, long offset) {
        long from = source.address() + offset;
        context.submit(context.stream(), () -> List.of("download", from, words, pinned), stream -> {
            context.enter();
            CudaStatus.check(
                    "cuMemcpyDtoHAsync",
                    JCudaDriver.cuMemcpyDtoHAsync(pinned.pointer(), Addresses.device(from), words * 4L, stream));
        });
        copied = context.repeated().passed(pinned.done());
        staging.downloaded(words);
    }

    @Override
    public void await(float[] target) {
        context.enter();
        settle();
        context.checkAlarm();
        pinned.view().asFloatBuffer().get(target, 0, words);
    }

    @Override
    public void close() {
        context.enter();
        // The copy that was submitted last may be under way, if nobody waited for it.
        settle();
        pinned.free();
    }

    private void settle() {
        if (context.repeated().isAhead(copied)) {
            context.directly("the host waits for a download");
        }
        CudaStatus.check("cuEventSynchronize", JCudaDriver.cuEventSynchronize(copied));
    }
}
