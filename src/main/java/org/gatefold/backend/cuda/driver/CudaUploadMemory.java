package org.gatefold.backend.cuda.driver;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import jcuda.driver.CUevent;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.gatefold.device.UploadMemory;
import org.gatefold.tensor.Block;

/**
 * Memory that is written on the stream for uploads, ordered with the work by two events. What is written one behind the other, as tensors
 * of a scope are, is gathered on the host and copied at once. Owns an event and page-locked memory. One thread at a time.
 */
public final class CudaUploadMemory extends CudaMemory implements UploadMemory {
    private static final int EVENT_DISABLE_TIMING = 2;

    /** Tensors of a scope begin at multiples of so many bytes; what lies before the next one is nobody's. */
    private static final int ALIGNMENT = 256;

    private final CudaContext context;
    private final PinnedCopies staging;
    private final PinnedCopies.Pinned gathered;
    private final CUevent read = new CUevent();
    private CUevent done = read;
    private boolean released;
    private boolean filled;
    private Block block;
    private long begin;
    private long end;

    public CudaUploadMemory(String name, CudaContext context, PinnedCopies staging) {
        super(name, context, staging, staging.beside());
        this.context = context;
        this.staging = staging;
        context.enter();
        this.gathered = new PinnedCopies.Pinned(PinnedCopies.WORDS);
        CudaStatus.check("cuEventCreate", JCudaDriver.cuEventCreate(read, EVENT_DISABLE_TIMING));
    }

    @Override
    void upload(Block within, long address, int words, Consumer<ByteBuffer> fill) {
        if (words == 0) {
            return;
        }
        if (words == PinnedCopies.WORDS) {
            // More than is gathered: two buffers take turns.
            beforeFilling();
            super.upload(within, address, words, fill);
            return;
        }
        if (within != block || !follows(address) || address + words * 4L - begin > PinnedCopies.WORDS * 4L) {
            send();
            context.enter();
            CudaStatus.check("cuEventSynchronize", JCudaDriver.cuEventSynchronize(gathered.done()));
            block = within;
            begin = address;
        }
        int from = Math.toIntExact(address - begin);
        fill.accept(gathered.part(from, words));
        end = address + words * 4L;
    }

    /** Whether nothing that has been written before can lie between what was gathered and an address. */
    private boolean follows(long address) {
        long offset = end - block.address();
        long next = (offset + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        return address == end || address - block.address() == next;
    }

    @Override
    void beforeFilling() {
        send();
        afterReaders();
        filled = true;
    }

    @Override
    public void send() {
        if (block == null) {
            return;
        }
        block = null;
        afterReaders();
        context.enter();
        CudaStatus.check(
                "cuMemcpyHtoDAsync",
                JCudaDriver.cuMemcpyHtoDAsync(
                        Addresses.device(begin), gathered.pointer(), end - begin, context.uploads()));
        CudaStatus.check("cuEventRecord", JCudaDriver.cuEventRecord(gathered.done(), context.uploads()));
        staging.uploaded(Math.toIntExact((end - begin) / 4));
        filled = false;
    }

    @Override
    public void ready() {
        send();
        context.enter();
        if (filled) {
            CudaStatus.check("cuEventRecord", JCudaDriver.cuEventRecord(gathered.done(), context.uploads()));
            filled = false;
        }
        CudaStatus.check("cuStreamWaitEvent", JCudaDriver.cuStreamWaitEvent(context.stream(), gathered.done(), 0));
    }

    @Override
    public void release() {
        done = context.repeated().passed(read);
        released = true;
    }

    /** Only before a copy, since other memories are written on the same stream and need not wait; nor need it if they are done. */
    private void afterReaders() {
        if (!released) {
            return;
        }
        if (context.repeated().isAhead(done)) {
            context.directly("a batch is uploaded in the place of one of the same step");
        }
        context.enter();
        if (JCudaDriver.cuEventQuery(done) != CUresult.CUDA_SUCCESS) {
            CudaStatus.check("cuStreamWaitEvent", JCudaDriver.cuStreamWaitEvent(context.uploads(), done, 0));
        }
        released = false;
    }

    @Override
    public void close() {
        context.enter();
        CudaStatus.check("cuEventDestroy", JCudaDriver.cuEventDestroy(read));
        gathered.free();
    }
}
