package org.gatefold.backend.cuda.recurrent.persistent;

import java.util.Comparator;
import java.util.Optional;
import java.util.stream.IntStream;
import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.recurrent.fused.FusedSize;

/**
 * How a stretch of steps is spread over thread-block clusters, as {@code common/recurrent/cluster_stretch.cuh} explains: a cluster has all
 * units, and some rows of the batch.
 *
 * @param directions of the layer, whose launches run side by side
 */
record ClusterSize(FusedSize size, int batch, int directions, Card card) {
    /** Blocks of a cluster: so many every device takes that has clusters at all. */
    static final int BLOCKS = 8;

    /** Bytes of shared memory that a block needs beside weights and operands, as in {@link PersistentSize}. */
    private static final int FORWARD_ROOM = 33 << 10;

    private static final int BACKWARD_ROOM = 9 << 10;

    /** What a multiprocessor keeps of its shared memory for itself, for every block. */
    private static final int RESERVED = 1 << 10;

    /** Blocks of a multiprocessor, at most: the kernels' registers are enough for so many. */
    private static final int MOST_BLOCKS = 2;

    private static final int GROUP_ROWS = 8;

    /**
     * What matters of a card.
     *
     * @param sharedBytes of shared memory that a block can ask for
     * @param multiprocessorBytes of shared memory that the blocks of a multiprocessor have together
     */
    record Card(int multiprocessors, int sharedBytes, int multiprocessorBytes) {
        static Card of(CudaContext context) {
            return new Card(context.multiprocessors(), context.sharedBytes(), context.multiprocessorSharedBytes());
        }
    }

    /**
     * A launch.
     *
     * @param clusters each of {@link #BLOCKS} blocks
     * @param width groups of units of a block, as a step of one launch has them a block
     * @param rows of the batch that a cluster has
     * @param waves in which the clusters of all directions run one after the other, as far as can be told
     * @param sharedBytes of the weights of a block and its operands
     */
    record Grid(int clusters, int width, int rows, int waves, int sharedBytes) {}

    /** The forward pass; empty if no cluster has room for the weights. */
    Optional<Grid> forward() {
        return grid(
                FusedSize.blocks(size.hidden(), size.forwardUnits()),
                size.forwardRows(),
                size.forwardWeightBytes(),
                operandBytes(1),
                FORWARD_ROOM);
    }

    /** The backward pass, likewise. */
    Optional<Grid> backward() {
        return grid(
                FusedSize.blocks(size.hidden(), FusedSize.BACKWARD_UNITS),
                FusedSize.BACKWARD_ROWS,
                size.backwardWeightBytes(),
                operandBytes(size.cell().gates()),
                BACKWARD_ROOM);
    }

    /** Bytes from one row of operands to the next in shared memory, where no two that are read together share a bank. */
    private long operandBytes(int gates) {
        long bytes = gates * size.rowBytes();
        return size.product().tensorCores()
                ? (bytes / FusedSize.SEGMENT_BYTES | 1) * FusedSize.SEGMENT_BYTES
                : bytes + FusedSize.PIECE_BYTES;
    }

    /** That with the fewest waves; of several the one with the fewest rows a cluster. */
    private Optional<Grid> grid(int units, int mostRows, long weightBytes, long operandBytes, int room) {
        int width = FusedSize.blocks(units, BLOCKS);
        long kept = width * (weightBytes / units);
        return IntStream.rangeClosed(1, mostRows / GROUP_ROWS)
                .map(groups -> groups * GROUP_ROWS)
                .mapToObj(rows -> grid(width, rows, kept + 2L * rows * operandBytes, room))
                .flatMap(Optional::stream)
                .min(Comparator.comparingInt(Grid::waves).thenComparingInt(Grid::rows));
    }

    /**
     * Blocks of a cluster are neighbours, and not all multiprocessors have enough of these: an eighth is taken to be left over. (On an
     * H100 with 132 there is one cluster less than a block for each would make.)
     */
    private Optional<Grid> grid(int width, int rows, long sharedBytes, int room) {
        long needed = sharedBytes + room;
        if (needed > card.sharedBytes()) {
            return Optional.empty();
        }
        int ofMultiprocessor = (int) Math.min(MOST_BLOCKS, card.multiprocessorBytes() / (needed + RESERVED));
        int blocks = card.multiprocessors() * ofMultiprocessor;
        if (blocks < BLOCKS) {
            return Optional.empty();
        }
        int resident = Math.max(1, blocks * 7 / 8 / BLOCKS);
        int clusters = FusedSize.blocks(batch, rows);
        int waves = FusedSize.blocks(directions * clusters, resident);
        return Optional.of(new Grid(clusters, width, rows, waves, Math.toIntExact(sharedBytes)));
    }
}
