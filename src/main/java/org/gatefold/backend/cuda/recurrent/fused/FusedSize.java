package org.gatefold.backend.cuda.recurrent.fused;

import org.gatefold.op.Precision;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.RecurrentSpec;

/**
 * Sizes of what fused kernels work on, as {@code common/recurrent/fused_step.cuh} and {@code common/tile_product.cuh} explain: blocks,
 * operands, packed weights.
 */
public record FusedSize(Cell cell, int hidden, FusedProduct product) {
    public static final int PIECE_BYTES = 16;
    public static final int SEGMENT_BYTES = 64;
    public static final int BACKWARD_UNITS = 16;
    public static final int BACKWARD_ROWS = 16;

    /** Rows of a batch that the second dimension of a grid has room for. */
    static final int MOST_ROWS = 65535 * BACKWARD_ROWS;

    private static final int GROUP_ROWS = 8;

    private static final int TILE_ROWS = 16;

    /** Of operands that are rounded to a precision and multiplied as they are. */
    public FusedSize(Cell cell, int hidden, Precision precision) {
        this(cell, hidden, FusedProduct.of(precision));
    }

    /** Likewise. */
    public static FusedSize of(RecurrentSpec spec) {
        return new FusedSize(spec.cell(), spec.hiddenSize(), spec.precision());
    }

    public static int blocks(int items, int ofBlock) {
        return (items + ofBlock - 1) / ofBlock;
    }

    /** Units of a block of the forward step. */
    public int forwardUnits() {
        return cell == Cell.LSTM ? 8 : 16;
    }

    /** Rows of a block of the forward step. */
    public int forwardRows() {
        return cell == Cell.LSTM ? 32 : 16;
    }

    /** Bytes of one gate or state of a row, in whole segments. */
    public long rowBytes() {
        return (long) blocks(hidden * product.bytes(), SEGMENT_BYTES) * SEGMENT_BYTES;
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
        return cell.gates() * hiddenBytes(batch);
    }

    /** Bytes of the weights packed for the forward step. */
    public long forwardWeightBytes() {
        return (long) cell.gates() * blocks(hidden, forwardUnits()) * forwardUnits() * rowBytes();
    }

    /** Bytes of the weights packed for the backward step. */
    public long backwardWeightBytes() {
        return (long) blocks(hidden, BACKWARD_UNITS) * TILE_ROWS * cell.gates() * rowBytes();
    }
}
