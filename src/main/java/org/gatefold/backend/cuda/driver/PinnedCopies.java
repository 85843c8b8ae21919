package org.gatefold.backend.cuda.driver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import jcuda.Pointer;
import jcuda.driver.CUevent;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
import org.gatefold.device.Copies;

/**
 * Pinned buffers through which all copies between host and device go: two for uploads on each stream, so that one is filled
 * while the other is copied, and one for downloads. Counts the copies. Thread-safe.
 */
public final class PinnedCopies implements AutoCloseable {
    /** Words (4 bytes each) of one buffer; larger copies go in pieces. */
    static final int WORDS = 1 << 20;

    private static final int EVENT_DISABLE_TIMING = 2;

    private final CudaContext context;
    private final Lane inOrder;
    private final Lane beside;
    private final Pinned download;
    private final PinnedCells cells;
    private final LongAdder uploads = new LongAdder();
    private final LongAdder uploadedBytes = new LongAdder();
    private final LongAdder downloads = new LongAdder();
    private final LongAdder downloadedBytes = new LongAdder();

    public PinnedCopies(CudaContext context) {
        this.context = context;
        context.enter();
        this.inOrder = new Lane(context.stream());
        this.beside = new Lane(context.uploads());
        this.download = new Pinned(WORDS);
        this.cells = new PinnedCells(context);
    }

    /** Uploads after all work that was submitted before. */
    public Lane inOrder() {
        return inOrder;
    }

    /** Uploads beside that work. */
    Lane beside() {
        return beside;
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
                        download.pointer, Addresses.device(address), words * 4L, context.directly("the host reads")));
        context.synchronize();
        drain.accept(download.view());
        downloaded(words);
    }

    /** Counts an upload of {@code words} words. */
    void uploaded(int words) {
        uploads.increment();
        uploadedBytes.add(words * 4L);
    }

    /** Counts a download of {@code words} words. */
    void downloaded(int words) {
        downloads.increment();
        downloadedBytes.add(words * 4L);
    }

    /** Copies so far. */
    public Copies copies() {
        return new Copies(uploads.sum(), uploadedBytes.sum(), downloads.sum(), downloadedBytes.sum());
    }

    @Override
    public void close() {
        context.drainAll();
        inOrder.free();
        beside.free();
        download.free();
        cells.close();
    }

    /** The uploads of one stream. Its buffers are allocated when they are first needed: many a device never does. */
    final class Lane {
        private final CUstream stream;
        private final Pinned[] buffers = new Pinned[2];
        private int next;

        Lane(CUstream stream) {
            this.stream = stream;
        }

        CUstream stream() {
            return stream;
        }

        /** Copies {@code words} words to a device address; {@code fill} writes them to the pinned buffer. */
        synchronized void upload(long address, int words, Consumer<ByteBuffer> fill) {
            if (words == 0) {
                return;
            }
            if (stream.equals(context.stream())) {
                if (cells.upload(address, words, fill)) {
                    uploaded(words);
                    return;
                }
                context.directly("the host writes");
            }
            context.enter();
            if (buffers[next] == null) {
                buffers[next] = new Pinned(WORDS);
            }
            Pinned buffer = buffers[next];
            next = 1 - next;
            CudaStatus.check("cuEventSynchronize", JCudaDriver.cuEventSynchronize(buffer.done));
            fill.accept(buffer.view());
            CudaStatus.check(
                    "cuMemcpyHtoDAsync",
                    JCudaDriver.cuMemcpyHtoDAsync(Addresses.device(address), buffer.pointer, words * 4L, stream));
            CudaStatus.check("cuEventRecord", JCudaDriver.cuEventRecord(buffer.done, stream));
            uploaded(words);
        }

        void free() {
            for (Pinned buffer : buffers) {
                if (buffer != null) {
                    buffer.free();
                }
            }
        }
    }

    /** Page-locked memory of the host, and an event for the copy that it is in. */
    static final class Pinned {
        private final Pointer pointer = new Pointer();
        private final CUevent done = new CUevent();
        private final ByteBuffer bytes;

        Pinned(int words) {
            CudaStatus.check("cuMemHostAlloc", JCudaDriver.cuMemHostAlloc(pointer, words * 4L, 0));
            CudaStatus.check("cuEventCreate", JCudaDriver.cuEventCreate(done, EVENT_DISABLE_TIMING));
            bytes = pointer.getByteBuffer(0, words * 4L);
        }

        /** {@code words} words from a byte on, in native order. */
        ByteBuffer part(int from, int words) {
            return bytes.slice(from, words * 4).order(ByteOrder.nativeOrder());
        }

        Pointer pointer() {
            return pointer;
        }

        CUevent done() {
            return done;
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
