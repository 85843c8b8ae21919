package org.gatefold.backend.cuda.driver;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import jcuda.driver.CUevent;
import jcuda.driver.JCudaDriver;

/**
 * Page-locked memory for a few words that the host writes in every step, such as a seed: each address that they go to has two cells of its
 * own that take turns, so that the copy can be part of a graph. One thread at a time.
 */
final class PinnedCells implements AutoCloseable {
    private static final int WORDS = 16;
    private static final int MOST = 64;

    private final CudaContext context;
    private final Map<Long, Cells> cells = new HashMap<>();

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
        if (words > WORDS || !context.repeated().holds() || (cells.size() >= MOST && !cells.containsKey(address))) {
            return false;
        }
        context.enter();
        Cells own = cells.computeIfAbsent(address, any -> new Cells());
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
