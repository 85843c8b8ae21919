package org.gatefold.backend.cuda.operation;

import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.kernel.KernelArguments;
import org.gatefold.backend.cuda.kernel.Kernels;
import org.gatefold.op.embedding.EmbeddingOp;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/**
 * Look-ups by grid-stride kernels; ids are sorted by their digits of four bits, the lowest first. Thread-safe: sorting works
 * in scratch memory that is used by one call at a time, in stream order.
 */
public final class CudaEmbedding extends ScratchOperation implements EmbeddingOp {
    private static final int DIGIT_BITS = 4;
    private static final int DIGITS = 1 << DIGIT_BITS;
    private static final int TILE = 256;
    private static final int ROW_BLOCK = 128;

    public CudaEmbedding(CudaContext context, Kernels kernels) {
        super(context, kernels);
    }

    private static Tensor onDevice(Lengths lengths) {
        return lengths == null ? null : lengths.onDevice();
    }

    @Override
    public void computeForward(Tensor ids, Lengths lengths, Tensor w, float maxNorm, Tensor y) {
        KernelArguments arguments = KernelArguments.of()
                .tensor(ids)
                .tensor(onDevice(lengths))
                .tensor(w)
                .tensor(y)
                .i32(ids.shape().dim(1))
                .i32(w.shape().dim(0))
                .i32(w.shape().dim(1))
                .i64(ids.elements());
        if (maxNorm > 0f) {
            rows("embedding_forward_limited_f32", ids.elements(), arguments.f32(maxNorm));
        } else {
            loop("embedding_forward_f32", y.elements(), arguments);
        }
    }

    /** Launches a block for each row, or as many as keep the card busy. */
    private void rows(String kernel, long rows, KernelArguments arguments) {
        int blocks = (int) Math.min(rows, context().multiprocessors() * 32L);
        kernels().launch(stream(), kernel, blocks, 1, ROW_BLOCK, 1, arguments);
    }

    @Override
    public synchronized void computeSort(
            Tensor ids, Lengths lengths, int vocabulary, int paddingId, Tensor sorted, Tensor positions) {
        int count = Math.toIntExact(ids.elements());
        int tiles = (count + TILE - 1) / TILE;
        long other = scratch(Integer.BYTES * (2L * count + (long) DIGITS * tiles));
        long[] keys = {sorted.address(), other};
        long[] order = {positions.address(), other + Integer.BYTES * (long) count};
        long counts = other + Integer.BYTES * 2L * count;
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(vocabulary);
        int passes = (bits + DIGIT_BITS - 1) / DIGIT_BITS;
        // Each pass goes to the other side, the last one to the results.
        int side = passes % 2;
        loop(
                "embedding_keys",
                count,
                KernelArguments.of()
                        .tensor(ids)
                        .tensor(onDevice(lengths))
                        .address(keys[side])
                        .address(order[side])
                        .i32(ids.shape().dim(1))
                        .i32(vocabulary)
                        .i32(paddingId)
                        .i32(count));
        for (int pass = 0; pass < passes; pass++) {
            int shift = pass * DIGIT_BITS;
            tiles(
                    "embedding_count_digits",
                    tiles,
                    KernelArguments.of()
                            .address(keys[side])
                            .address(counts)
                            .i32(count)
                            .i32(shift));
            tiles(
                    "embedding_scan_counts",
                    1,
                    KernelArguments.of().address(counts).i32(DIGITS * tiles));
            tiles(
                    "embedding_scatter_digits",
                    tiles,
                    KernelArguments.of()
                            .address(keys[side])
                            .address(order[side])
                            .address(counts)
                            .address(keys[1 - side])
                            .address(order[1 - side])
                            .i32(count)
                            .i32(shift));
            side = 1 - side;
        }
    }

    private void tiles(String kernel, int blocks, KernelArguments arguments) {
        kernels().launch(stream(), kernel, blocks, 1, TILE, 1, arguments);
    }

    @Override
    public void computeBackward(Tensor sorted, Tensor positions, Tensor dy, Tensor dw) {
        loop(
                "embedding_backward_f32",
                dy.elements(),
                KernelArguments.of()
                        .tensor(sorted)
                        .tensor(positions)
                        .tensor(dy)
                        .tensor(dw)
                        .i32(dw.shape().dim(0))
                        .i32(dw.shape().dim(1))
                        .i64(sorted.elements()));
    }

    @Override
    public void computeRenormalize(Tensor sorted, float maxNorm, Tensor w) {
        rows("embedding_renormalize_f32", sorted.elements(), table(sorted, w).f32(maxNorm));
    }

    @Override
    public void computeClear(Tensor sorted, Tensor dw) {
        loop("embedding_clear_f32", sorted.elements() * dw.shape().dim(1), table(sorted, dw));
    }

    private static KernelArguments table(Tensor sorted, Tensor table) {
        return KernelArguments.of()
                .tensor(sorted)
                .tensor(table)
                .i32(table.shape().dim(0))
                .i32(table.shape().dim(1))
                .i64(sorted.elements());
    }
}
