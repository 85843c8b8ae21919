package org.gatefold.tensor;

import java.util.BitSet;

/** Which steps of each row of a padded batch are real, where the others need not come last. Immutable. */
public final class Mask {
    private final int steps;
    private final BitSet[] rows;

    private Mask(int steps, BitSet[] rows) {
        this.steps = steps;
        this.rows = rows;
    }

    /**
     * A mask from arrays.
     *
     * @param steps T, the padded number of steps
     * @param real {@code [B][up to T]}, true where a step is real; what a row lacks is not
     */
    public static Mask of(int steps, boolean[]... real) {
        if (real.length == 0) {
            throw new IllegalArgumentException("mask: expected at least one row, got none");
        }
        BitSet[] rows = new BitSet[real.length];
        for (int row = 0; row < rows.length; row++) {
            if (real[row] == null || real[row].length > steps) {
                throw new IllegalArgumentException("mask[" + row + "]: expected at most " + steps + " steps, got "
                        + (real[row] == null ? "null" : real[row].length));
            }
            rows[row] = new BitSet(steps);
            for (int t = 0; t < real[row].length; t++) {
                rows[row].set(t, real[row][t]);
            }
        }
        return new Mask(steps, rows);
    }

    /** T, the padded number of steps. */
    public int steps() {
        return steps;
    }

    /** Number of rows. */
    public int batch() {
        return rows.length;
    }

    /** True if a step of a row is real. */
    public boolean isReal(int row, int step) {
        return rows[row].get(step);
    }

    /** The first real step of a row from a step on; -1 if none is left. */
    public int next(int row, int step) {
        return rows[row].nextSetBit(step);
    }

    /** Real steps of each row. */
    public int[] counts() {
        int[] counts = new int[rows.length];
        for (int row = 0; row < rows.length; row++) {
            counts[row] = rows[row].cardinality();
        }
        return counts;
    }

    /** Where each row ends: behind its last real step. */
    public int[] ends() {
        int[] ends = new int[rows.length];
        for (int row = 0; row < rows.length; row++) {
            ends[row] = rows[row].length();
        }
        return ends;
    }

    /** True if in some row a step that is not real comes before one that is. */
    public boolean hasHoles() {
        for (BitSet row : rows) {
            if (row.length() != row.cardinality()) {
                return true;
            }
        }
        return false;
    }
}
