package org.gatefold.backend.cuda.driver;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.gatefold.device.Memory;
import org.gatefold.device.OutOfMemoryException;
import org.gatefold.tensor.Block;

/** Memory of one GPU, written and filled on one of its streams. Thread-safe. */
public class CudaMemory implements Memory {
    private final String name;
    private final CudaContext context;
    private final PinnedCopies staging;
    private final PinnedCopies.Lane lane;

    /** @param lane what blocks are written by; reads and copies follow all submitted work */
    public CudaMemory(String name, CudaContext context, PinnedCopies staging, PinnedCopies.Lane lane) {
        this.name = name;
        this.context = context;
        this.staging = staging;
        this.lane = lane;
    }

    /** Called before a block is filled. */
    void beforeFilling() {}

    /**
     * Copies words to a block.
     *
     * @param within the block that the address is in
     * @param fill writes them to a buffer of the host
     */
    void upload(Block within, long address, int words, Consumer<ByteBuffer> fill) {
        lane.upload(address, words, fill);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Block allocate(long bytes) {
        context.enter();
        Addresses.Allocation pointer = new Addresses.Allocation();
        int status = JCudaDriver.cuMemAlloc(pointer, bytes);
        if (status == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
            long[] free = new long[1];
            long[] total = new long[1];
            JCudaDriver.cuMemGetInfo(free, total);
            throw new OutOfMemoryException(name + " has no " + bytes + " bytes in one piece: " + free[0] + " of "
                    + total[0] + " are free; use a smaller batch, fewer steps or recompute segments");
        }
        CudaStatus.check("cuMemAlloc", status);
        return new CudaBlock(pointer, bytes);
    }

    /** Copies words {@code start} to {@code start + count}. */
    private interface Piece {
        void copy(int start, int count);
    }

    /** Splits a copy into pieces that fit a staging buffer. */
    private static void inPieces(int count, Piece piece) {
        for (int start = 0; start < count; start += PinnedCopies.WORDS) {
            piece.copy(start, Math.min(PinnedCopies.WORDS, count - start));
        }
    }

    private final class CudaBlock implements Block {
        private final Addresses.Allocation pointer;
        private final long bytes;

        CudaBlock(Addresses.Allocation pointer, long bytes) {
            this.pointer = pointer;
            this.bytes = bytes;
        }

        @Override
        public String memory() {
            return name;
        }

        @Override
        public long bytes() {
            return bytes;
        }

        @Override
        public long address() {
            return pointer.address();
        }

        @Override
        public ByteBuffer view(long offset, long count) {
            throw new IllegalStateException("memory of " + name + " cannot be viewed from the host; copy it");
        }

        @Override
        public void write(long offset, float[] source, int from, int count) {
            inPieces(
                    count,
                    (start, part) ->
                            upload(this, address() + offset + start * 4L, part, buffer -> buffer.asFloatBuffer()
                                    .put(source, from + start, part)));
        }

        @Override
        public void write(long offset, int[] source, int from, int count) {
            inPieces(
                    count,
                    (start, part) -> upload(this, address() + offset + start * 4L, part, buffer -> buffer.asIntBuffer()
                            .put(source, from + start, part)));
        }

        @Override
        public void read(long offset, float[] target, int from, int count) {
            inPieces(
                    count,
                    (start, part) ->
                            staging.download(address() + offset + start * 4L, part, buffer -> buffer.asFloatBuffer()
                                    .get(target, from + start, part)));
        }

        @Override
        public void read(long offset, int[] target, int from, int count) {
            inPieces(
                    count,
                    (start, part) ->
                            staging.download(address() + offset + start * 4L, part, buffer -> buffer.asIntBuffer()
                                    .get(target, from + start, part)));
        }

        @Override
        public void fill(long offset, long words, int bits) {
            beforeFilling();
            context.fill(lane.stream(), address() + offset, bits, words);
        }

        private CudaContext context() {
            return context;
        }

        @Override
        public boolean reaches(Block source) {
            return source instanceof CudaBlock;
        }

        @Override
        public void copy(long offset, Block source, long sourceOffset, long count) {
            CudaContext from = ((CudaBlock) source).context();
            if (from != context) {
                PeerCopy.submit(context, address() + offset, from, source.address() + sourceOffset, count);
                return;
            }
            context.copy(context.stream(), address() + offset, source.address() + sourceOffset, count);
        }

        @Override
        public void free() {
            context.drainAll();
            CudaStatus.check("cuMemFree", JCudaDriver.cuMemFree(pointer));
        }
    }
}
