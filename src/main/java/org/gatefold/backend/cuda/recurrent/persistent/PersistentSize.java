package org.gatefold.backend.cuda.recurrent.persistent;

import java.util.Comparator;
import java.util.Optional;
import java.util.stream.IntStream;
import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.recurrent.fused.FusedSize;

/**
 * How a stretch of steps is spread over a card, as {@code common/recurrent/stretch.cuh} explains: which blocks keep which weights, and
 * which rows of the batch they handle.
 */
record PersistentSize(FusedSize size, int batch, Card card) {
    /** Bytes of shared memory that a block needs beside the weights: sums of its warps, the frame. */
    private static final int FORWARD_ROOM = 33 << 10;

    private static final int BACKWARD_ROOM = 9 << 10;
    private static final int WORD_BYTES = 128;

    /**
     * What matters of a card.
     *
     * @param multiprocessors each of which runs one block
     * @param sharedBytes of shared memory that a block can ask for
     * @param cooperates whether blocks of a launch can be made to run side by side
     */
    record Card(int multiprocessors, int sharedBytes, boolean cooperates) {
        static Card of(CudaContext context) {
            return new Card(context.multiprocessors(), context.sharedBytes(), context.cooperates());
        }
    }

    /**
     * A launch.
     *
     * @param columns blocks that share a row's units
     * @param rows groups of such blocks, each with rows of its own
     * @param width groups of units of a block, as a step of one launch has them a block
     * @param rounds groups of rows that a block handles in turn, at most
     * @param sharedBytes of the weights of a block
     */
    record Grid(int columns, int rows, int width, int rounds, int sharedBytes) {
        /** Groups of units and rows that a block handles in a step, one after the other. */
        private int turns() {
            return width * rounds;
        }
    }

    /** The forward pass; empty if no block has room for its weights. */
    Optional<Grid> forward() {
        int units = FusedSize.blocks(size.hidden(), size.forwardUnits());
        return grid(
                units,
                FusedSize.blocks(batch, size.forwardRows()),
                size.forwardWeightBytes() / units,
                card.sharedBytes() - FORWARD_ROOM);
    }

    /** The backward pass, likewise. */
    Optional<Grid> backward() {
        int units = FusedSize.blocks(size.hidden(), FusedSize.BACKWARD_UNITS);
        return grid(
                units,
                FusedSize.blocks(batch, FusedSize.BACKWARD_ROWS),
                size.backwardWeightBytes() / units,
                card.sharedBytes() - BACKWARD_ROOM);
    }

    /** That in which a block has the least to do in a step; of several the one with the fewest weights a block. */
    private Optional<Grid> grid(int units, int rows, long unitBytes, int room) {
        int widest = (int) Math.min(units, Math.max(room, 0) / unitBytes);
        int narrowest = FusedSize.blocks(units, card.multiprocessors());
        return IntStream.rangeClosed(narrowest, widest)
                .mapToObj(width -> {
                    int columns = FusedSize.blocks(units, width);
                    int rounds = FusedSize.blocks(rows, Math.min(rows, card.multiprocessors() / columns));
                    return new Grid(
                            columns, FusedSize.blocks(rows, rounds), width, rounds, Math.toIntExact(width * unitBytes));
                })
                .min(Comparator.comparingInt(Grid::turns).thenComparingInt(Grid::width));
    }

    /** Bytes of the words by which blocks wait for each other: one, and one for each group of blocks. */
    long wordBytes() {
        int groups = FusedSize.blocks(batch, Math.min(size.forwardRows(), FusedSize.BACKWARD_ROWS));
        return (1L + Math.min(groups, card.multiprocessors())) * WORD_BYTES;
    }
}
