package org.gatefold.backend.cuda.driver;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import jcuda.driver.CUevent;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/**
 * Page-locked memory for a few words that the host writes in every step, such as a seed: each address that they go to has two cells of its
 * own that take turns, so that the copy can be part of a graph. Cells of an address that is written no more go to another. One thread at
 * a time.
 */
final class PinnedCells implements AutoCloseable {
    private static final int WORDS = 16;
    private static final int MOST = 64;

    private final CudaContext context;
    private final Map<Long, Cells> cells = new LinkedHashMap<>(16, 0.75f, true);

    PinnedCells(CudaContext context) {
        this.context = context;
    }

    private static final class Cells {
        private final PinnedCopies.Pinned[] room = {new PinnedCopies.Pinned(WORDS), new PinnedCopies.Pinned(WORDS)};
        private final CUevent[] copied = {room[0].done(), room[1].done()};
        private int next;
    }

    /**
     * Copies words to a device address, in a step that may become a graph.
     *
     * @param fill writes them
     * @return false if nothing was done: there is no such step, there are too many words, or no cell is free
     */
    boolean upload(long address, int words, Consumer<ByteBuffer> fill) {
        if (words > WORDS || !context.repeated().holds()) {
            return false;
        }
        context.enter();
        Cells own = cells.get(address);
        if (own == null) {
            own = unused();
            if (own == null) {
                return false;
            }
            cells.put(address, own);
        }
        int cell = own.next;
        if (context.repeated().isAhead(own.copied[cell])) {
            return false;
        }
        own.next = 1 - cell;
        PinnedCopies.Pinned pinned = own.room[cell];
        CudaStatus.check("cuEventSynchronize", JCudaDriver.cuEventSynchronize(own.copied[cell]));
        fill.accept(pinned.view());
        context.submit(context.stream(), () -> List.of("upload", pinned, address, words), stream -> {
            context.enter();
            CudaStatus.check(
                    "cuMemcpyHtoDAsync",
                    JCudaDriver.cuMemcpyHtoDAsync(Addresses.device(address), pinned.pointer(), words * 4L, stream));
        });
        own.copied[cell] = context.repeated().passed(pinned.done());
        return true;
    }

    /** New cells, or those that were not written for longest, if nothing is to be copied from them any more; else null. */
    private Cells unused() {
        if (cells.size() < MOST) {
            return new Cells();
        }
        Iterator<Cells> each = cells.values().iterator();
        Cells longest = each.next();
        for (CUevent copied : longest.copied) {
            if (context.repeated().isAhead(copied) || JCudaDriver.cuEventQuery(copied) != CUresult.CUDA_SUCCESS) {
                return null;
            }
        }
        each.remove();
        return longest;
    }

    @Override
    public void close() {
        for (Cells own : cells.values()) {
            for (PinnedCopies.Pinned pinned : own.room) {
                pinned.free();
            }
        }
        cells.clear();
    }
}
