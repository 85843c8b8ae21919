package org.gatefold.layer;

import org.gatefold.device.Scope;
import org.gatefold.op.embedding.EmbeddingOp;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * Which rows of a parameter {@code [V, D]} passes have written gradients to since these were set to 0: what an update by rows has to look at.
 * Belongs to the thread that trains.
 */
public final class TouchedRows {
    private int[] rows = {};
    private int count;
    private int[] merged = {};
    private Tensor room;

    TouchedRows() {}

    /**
     * Adds the rows of a pass.
     *
     * @param sorted row numbers, ascending, as {@link EmbeddingOp#sort} gives them; those from {@code end} on are none
     */
    public void add(int[] sorted, int end) {
        if (merged.length < count + sorted.length) {
            merged = new int[Math.max(count + sorted.length, 2 * merged.length)];
        }
        int n = 0;
        int k = 0;
        int i = 0;
        while (k < count || (i < sorted.length && sorted[i] < end)) {
            boolean ours = i == sorted.length || sorted[i] >= end || (k < count && rows[k] <= sorted[i]);
            int row = ours ? rows[k++] : sorted[i++];
            if (n == 0 || merged[n - 1] != row) {
                merged[n++] = row;
            }
        }
        int[] before = rows;
        rows = merged;
        merged = before;
        count = n;
    }

    /** The numbers of the rows, ascending, each once: the first {@link #count} of them. */
    public int[] rows() {
        return rows;
    }

    /** How many rows there are. */
    public int count() {
        return count;
    }

    /** Sets these rows of a gradient to 0; none is touched from then on. */
    void clear(Scope scope, Tensor gradient) {
        if (count == 0) {
            return;
        }
        if (room == null || room.elements() < count) {
            room = scope.i32(
                    "touched rows",
                    Math.max(count, room == null ? 0 : (int) Math.min(Integer.MAX_VALUE - 8L, 2 * room.elements())));
        }
        Tensor numbers = room.part("touched rows", 0, Shape.of(count));
        numbers.write(0, rows, 0, count);
        scope.device().operation(EmbeddingOp.class).clear(numbers, gradient);
        count = 0;
    }
}
