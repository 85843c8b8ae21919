package org.gatefold.op.recurrent;

import org.gatefold.op.Mode;
import org.gatefold.op.Precision;
import org.gatefold.op.verify.Check;
import org.gatefold.op.verify.Workbench;

/**
 * A recurrent operation with all its results: outputs, final states and, in training, every gradient. An oracle that
 * declines the spec's precision computes in F32.
 *
 * @param ragged true for rows of all lengths, one of them 0; false for full rows
 */
public record RecurrentCheck(RecurrentSpec spec, Mode mode, boolean ragged) implements Check<RecurrentOp> {
    @Override
    public Runnable prepare(RecurrentOp op, Workbench bench) {
        RecurrentSpec planned = op.unsupported(spec, mode).isEmpty() ? spec : spec.withPrecision(Precision.F32);
        return new RecurrentArguments(bench, planned, mode, ragged ? rows() : null).pass(op, bench.scope());
    }

    /** The first row is full, the second empty, the others are of different lengths. */
    private int[] rows() {
        int[] rows = new int[spec.batch()];
        for (int row = 0; row < rows.length; row++) {
            rows[row] = row == 0 ? spec.steps() : row == 1 ? 0 : 1 + row * 5 % spec.steps();
        }
        return rows;
    }

    /**
     * The relative error that the precision allows. In TF32 tensor cores ignore the lower bits of operands that nobody has
     * rounded before, where the oracle rounds to the nearest: on small layers that alone moves a gradient by up to 4e-3.
     */
    public double limit() {
        return switch (spec.precision()) {
            case F32 -> 1e-5;
            case TF32 -> 5e-3;
            default -> 2e-2;
        };
    }
}
