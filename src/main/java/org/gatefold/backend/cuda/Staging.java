package org.gatefold.backend.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import jcuda.Pointer;
import jcuda.driver.CUevent;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * Pinned buffers through which all copies between host and device go: two for uploads, so that one is filled while the
 * other is copied, and one for downloads. Counts the copies. Thread-safe.
 */
final class Staging implements AutoCloseable {
    /** Words (4 bytes each) of one buffer; larger copies go in pieces. */
    static final int WORDS = 1 << 20;

    private static final int EVENT_DISABLE_TIMING = 2;

    private final CudaContext context;
    private final Pinned[] uploads;
    private final Pinned download;
    private final LongAdder uploadCount = new LongAdder();
    private final LongAdder downloadCount = new LongAdder();
    private int next;

    Staging(CudaContext context) {
        this.context = context;
        context.enter();
        this.uploads = new Pinned[] {new Pinned(), new Pinned()};
        this.download = new Pinned();
    }

    /** Copies {@code words} words to a device address; {@code fill} writes them to the pinned buffer. */
    synchronized void upload(long address, int words, Consumer<ByteBuffer> fill) {
        if (words == 0) {
            return;
        }
        context.enter();
        Pinned buffer = uploads[next];
        next = 1 - next;
        CudaStatus.check("cuEventSynchronize", JCudaDriver.cuEventSynchronize(buffer.done));
        fill.accept(buffer.view());
        CUstream stream = context.stream();
        CudaStatus.check(
                "cuMemcpyHtoDAsync",
                JCudaDriver.cuMemcpyHtoDAsync(Addresses.device(address), buffer.pointer, words * 4L, stream));
        CudaStatus.check("cuEventRecord", JCudaDriver.cuEventRecord(buffer.done, stream));
        uploadCount.increment();
    }

    /** Copies {@code words} words from a device address after all submitted work; {@code drain} reads them. */
    synchronized void download(long address, int words, Consumer<ByteBuffer> drain) {
        if (words == 0) {
            return;
        }
        context.enter();
        CudaStatus.check(
                "cuMemcpyDtoHAsync",
                JCudaDriver.cuMemcpyDtoHAsync(
                        download.pointer, Addresses.device(address), words * 4L, context.stream()));
        context.synchronize();
        drain.accept(download.view());
        downloadCount.increment();
    }

    /** Copies to the device so far. */
    long uploads() {
        return uploadCount.sum();
    }

    /** Copies from the device so far. */
    long downloads() {
        return downloadCount.sum();
    }

    @Override
    public void close() {
        context.synchronize();
        for (Pinned buffer : uploads) {
            buffer.free();
        }
        download.free();
    }

    private static final class Pinned {
        private final Pointer pointer = new Pointer();
        private final CUevent done = new CUevent();
        private final ByteBuffer bytes;

        Pinned() {
            CudaStatus.check("cuMemHostAlloc", JCudaDriver.cuMemHostAlloc(pointer, WORDS * 4L, 0));
            CudaStatus.check("cuEventCreate", JCudaDriver.cuEventCreate(done, EVENT_DISABLE_TIMING));
            bytes = pointer.getByteBuffer(0, WORDS * 4L);
        }

        /** The bytes from the start, in native order. */
        ByteBuffer view() {
            return bytes.duplicate().order(ByteOrder.nativeOrder());
        }

        void free() {
            CudaStatus.check("cuEventDestroy", JCudaDriver.cuEventDestroy(done));
            CudaStatus.check("cuMemFreeHost", JCudaDriver.cuMemFreeHost(pointer));
        }
    }
}
