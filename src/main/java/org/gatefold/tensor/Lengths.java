package org.gatefold.tensor;

import java.util.Arrays;

/**
 * How many leading steps of each row of a padded batch are real: a host array and its copy on the device.
 *
 * <p>Immutable; the device copy belongs to the scope that made it. Rows may come in any order and may be empty.
 */
public final class Lengths {
    private final int steps;
    private final int[] rows;
    private final Tensor device;
    private final Mask mask;

    /**
     * Called by scopes.
     *
     * @param steps T, the padded number of steps
     * @param rows one length per row, each 0 to T
     * @param device the same numbers, I32 [B], read by operations
     */
    public Lengths(int steps, int[] rows, Tensor device) {
        this(steps, rows, device, null);
    }

    /**
     * Called by scopes.
     *
     * @param mask whose ends the lengths are; null if all steps up to the lengths are real
     */
    public Lengths(int steps, int[] rows, Tensor device, Mask mask) {
        check(steps, rows);
        Shape.require("lengths", device.shape(), rows.length);
        this.steps = steps;
        this.rows = rows.clone();
        this.device = device;
        this.mask = mask;
    }

    /** Checks that there is at least one row and that every length lies in 0 to {@code steps}. */
    public static void check(int steps, int... rows) {
        if (rows.length == 0) {
            throw new IllegalArgumentException("lengths: expected one length per row, got none");
        }
        for (int i = 0; i < rows.length; i++) {
            if (rows[i] < 0 || rows[i] > steps) {
                throw new IllegalArgumentException(
                        "lengths[" + i + "]: expected 0 to " + steps + " (the padded steps), got " + rows[i]);
            }
        }
    }

    /** Which steps are real, where not all up to the lengths are; else null. Layers know of it, operations do not. */
    public Mask mask() {
        return mask;
    }

    /** T, the padded number of steps. */
    public int steps() {
        return steps;
    }

    /** Number of rows. */
    public int batch() {
        return rows.length;
    }

    /** Length of one row. */
    public int of(int row) {
        return rows[row];
    }

    /** The longest length. */
    public int max() {
        return Arrays.stream(rows).max().orElse(0);
    }

    /** Sum of all lengths: the number of real steps. */
    public long total() {
        return Arrays.stream(rows).asLongStream().sum();
    }

    /** The lengths as a new array. */
    public int[] toArray() {
        return rows.clone();
    }

    /** The lengths on the device, I32 [B]. */
    public Tensor onDevice() {
        return device;
    }

    @Override
    public String toString() {
        return "lengths " + Arrays.toString(rows) + " of " + steps;
    }
}
