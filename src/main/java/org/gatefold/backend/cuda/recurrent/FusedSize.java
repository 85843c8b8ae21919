package org.gatefold.backend.cuda.recurrent;

import java.util.Locale;
import org.gatefold.backend.cuda.kernel.Operand;
import org.gatefold.op.Precision;

/**
 * Sizes of what the kernels of {@code lstm_fused.cu} and {@code common/tile_product.cuh} work on, where they are
 * explained: blocks, operands, packed weights.
 */
record FusedSize(int hidden, Precision precision) {
    static final int PIECE_BYTES = 16;
    static final int FORWARD_UNITS = 8;
    static final int FORWARD_ROWS = 32;
    static final int BACKWARD_UNITS = 16;
    static final int BACKWARD_ROWS = 16;

    /** Rows of a batch that the second dimension of a grid has room for. */
    static final int MOST_ROWS = 65535 * BACKWARD_ROWS;

    private static final int GATES = 4;
    private static final int GROUP_ROWS = 8;
    private static final int SEGMENT_BYTES = 64;
    private static final int TILE_ROWS = 16;

    static int blocks(int items, int ofBlock) {
        return (items + ofBlock - 1) / ofBlock;
    }

    /** The kernel of this precision. */
    String kernel(String name) {
        return name + "_" + precision.name().toLowerCase(Locale.ROOT);
    }

    /** Bytes of one gate or state of a row, in whole segments. */
    private long rowBytes() {
        return (long) blocks(hidden * Operand.of(precision).bytes(), SEGMENT_BYTES) * SEGMENT_BYTES;
    }

    private static long rows(int batch) {
        return (long) blocks(batch, GROUP_ROWS) * GROUP_ROWS;
    }

    /** Bytes of a hidden state as an operand. */
    long hiddenBytes(int batch) {
        return rows(batch) * rowBytes();
    }

    /** Bytes of gate gradients as an operand. */
    long gateGradientBytes(int batch) {
        return GATES * hiddenBytes(batch);
    }

    /** Bytes of the weights packed for the forward step. */
    long forwardWeightBytes() {
        return (long) GATES * blocks(hidden, FORWARD_UNITS) * FORWARD_UNITS * rowBytes();
    }

    /** Bytes of the weights packed for the backward step. */
    long backwardWeightBytes() {
        return (long) blocks(hidden, BACKWARD_UNITS) * TILE_ROWS * GATES * rowBytes();
    }
}
