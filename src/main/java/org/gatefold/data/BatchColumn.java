package org.gatefold.data;

import java.util.Arrays;
import org.gatefold.device.Scope;
import org.gatefold.tensor.ElementType;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/**
 * The rows of one column that a {@link Batch} holds: padded to one length, laid out as its form says, time-major if a
 * sequence, and, for a target, with the weights of its rows.
 *
 * <p>Lives in host memory and is overwritten together with its batch. One thread at a time.
 */
public final class BatchColumn {
    private final Column column;
    private final boolean target;
    private final Column weightColumn;
    private final Batches.Change change;
    private final int epoch;
    private final int size;
    private final int[] shape;
    private int rows;
    private int steps;
    private int firstStep;
    private boolean ragged;
    private int[] lengths = {};
    private float[] numbers = {};
    private float[] changed = {};
    private int[] ids = {};
    private float[] weights = {};
    private float[] rowWeights = {};

    private BatchColumn(Column column, boolean target, Column weightColumn, Batches.Change change, int epoch) {
        this.change = change;
        this.epoch = epoch;
        this.column = column;
        this.target = target;
        this.weightColumn = weightColumn;
        this.size = Math.toIntExact(column.form().size());
        this.shape = column.form().shape(1, 1).toArray();
    }

    private int countable(double elements) {
        if (elements > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("batch: expected at most " + Integer.MAX_VALUE + " values of column '"
                    + column.name() + "', got " + rows + " rows of " + steps + " steps of " + size
                    + "; make batches smaller, or cut the steps into windows");
        }
        return (int) elements;
    }

    static BatchColumn input(Column column) {
        return new BatchColumn(column, false, null, null, 0);
    }

    /** An input whose rows are changed when they are shown in an epoch. */
    static BatchColumn changed(Column column, Batches.Change change, int epoch) {
        return new BatchColumn(column, false, null, change, epoch);
    }

    /** @param weights how much rows or steps count; null for 1 */
    static BatchColumn target(Column column, Column weights) {
        return new BatchColumn(column, true, weights, null, 0);
    }

    /**
     * Overwrites this with rows {@code order[from]} to {@code order[from + count - 1]}, of each at most {@code window} steps
     * from {@code first}.
     */
    void fill(int[] order, int from, int count, int first, int window, int stepMultiple) {
        rows = count;
        measure(order, from, form().sequence() ? first : 0, window, form().sequence() ? stepMultiple : 1);
        int elements = countable((double) steps * rows * size);
        if (column.holdsNumbers()) {
            numbers = prepared(numbers, elements);
        } else {
            ids = prepared(ids, elements);
        }
        for (int b = 0; b < rows; b++) {
            int row = order[from + b];
            int source = column.first(row) + firstStep * size;
            if (change != null) {
                interleave(changed(row, source, lengths[b] * size), 0, size, b, numbers);
            } else if (column.holdsNumbers()) {
                interleave(column.numbers(row), source, size, b, numbers);
            } else {
                interleave(column.ids(row), source, size, b, ids);
            }
        }
        if (isWeighted()) {
            fillWeights(order, from);
        }
    }

    /** A row as it is shown in this epoch. */
    private float[] changed(int row, int first, int count) {
        changed = changed.length >= count ? changed : new float[count];
        System.arraycopy(column.numbers(row), first, changed, 0, count);
        if (count > 0) {
            change.way().change(changed, count, change.draws(epoch, row));
        }
        return changed;
    }

    private void measure(int[] order, int from, int first, int window, int stepMultiple) {
        firstStep = first;
        lengths = lengths.length >= rows ? lengths : new int[rows];
        int longest = 1;
        int shortest = Integer.MAX_VALUE;
        for (int b = 0; b < rows; b++) {
            int length = Math.min(window, Math.max(0, column.steps(order[from + b]) - first));
            lengths[b] = length;
            longest = Math.max(longest, length);
            shortest = Math.min(shortest, length);
        }
        steps = (longest + stepMultiple - 1) / stepMultiple * stepMultiple;
        ragged = shortest < steps;
    }

    private void fillWeights(int[] order, int from) {
        weights = prepared(weights, targetRows());
        if (hasRowWeights()) {
            rowWeights = prepared(rowWeights, rows);
        }
        for (int b = 0; b < rows; b++) {
            int row = order[from + b];
            if (hasStepWeights()) {
                interleave(weightColumn.numbers(row), weightColumn.first(row) + firstStep, 1, b, weights);
                continue;
            }
            float weight = weightColumn == null ? 1f : weightColumn.numbers(row)[weightColumn.first(row)];
            for (int t = 0; t < lengths[b]; t++) {
                weights[t * rows + b] = weight;
            }
            if (hasRowWeights()) {
                rowWeights[b] = weight;
            }
        }
    }

    /** Copies the steps of row {@code b} from {@code [step, width]} to their places in {@code [step, row, width]}. */
    private void interleave(float[] source, int first, int width, int b, float[] target) {
        if (width == 1) {
            for (int t = 0; t < lengths[b]; t++) {
                target[t * rows + b] = source[first + t];
            }
            return;
        }
        for (int t = 0; t < lengths[b]; t++) {
            System.arraycopy(source, first + t * width, target, (t * rows + b) * width, width);
        }
    }

    private void interleave(int[] source, int first, int width, int b, int[] target) {
        for (int t = 0; t < lengths[b]; t++) {
            System.arraycopy(source, first + t * width, target, (t * rows + b) * width, width);
        }
    }

    /** At least {@code count} elements, and 0 where nothing will be written. */
    private float[] prepared(float[] array, int count) {
        if (array.length < count) {
            return new float[count];
        }
        if (ragged) {
            Arrays.fill(array, 0, count, 0f);
        }
        return array;
    }

    private int[] prepared(int[] array, int count) {
        if (array.length < count) {
            return new int[count];
        }
        if (ragged) {
            Arrays.fill(array, 0, count, 0);
        }
        return array;
    }

    public String name() {
        return column.name();
    }

    public Form form() {
        return column.form();
    }

    /** B, the number of rows of the batch. */
    public int rows() {
        return rows;
    }

    /** T, the steps of the longest row, or more if padded further; 1 if the rows are no sequences. */
    public int steps() {
        return steps;
    }

    /** The steps of one row; 1 if the rows are no sequences. */
    public int length(int row) {
        return lengths[row];
    }

    /** Sum of the rows' lengths. */
    public long realSteps() {
        long sum = 0;
        for (int b = 0; b < rows; b++) {
            sum += lengths[b];
        }
        return sum;
    }

    /** True if each row has the steps that it has in another column, padding included. */
    private boolean hasLengthsOf(BatchColumn other) {
        return other.form().sequence()
                && steps == other.steps
                && Arrays.equals(lengths, 0, rows, other.lengths, 0, rows);
    }

    /** N, the rows that a loss may count: B, or T * B in the order of {@code [T, B]} if this is a sequence. */
    public int targetRows() {
        return steps * rows;
    }

    /** Numbers of one row or step. */
    public int size() {
        return size;
    }

    /** True if it holds numbers, false if ids. */
    public boolean holdsNumbers() {
        return form().type() == ElementType.F32;
    }

    /** Number {@code i} of row {@code n} of {@link #targetRows()}; 0 in the padding. */
    public float number(int n, int i) {
        return numbers[n * size + i];
    }

    /** The id of row {@code n} of {@link #targetRows()}; 0 in the padding. */
    public int id(int n) {
        return ids[n];
    }

    /** How much row {@code n} of {@link #targetRows()} counts in losses and metrics; 0 for padding. */
    public float weight(int n) {
        return isWeighted() ? weights[n] : 1f;
    }

    /** The sum of the weights of all of {@link #targetRows()}. */
    public double weight() {
        double sum = 0;
        for (int n = 0; n < targetRows(); n++) {
            sum += weight(n);
        }
        return sum;
    }

    /** How much row {@code row} of the batch counts as a whole; 1 if weights are given per step, or not at all. */
    public float rowWeight(int row) {
        return hasRowWeights() ? rowWeights[row] : form().sequence() ? 1f : weight(row);
    }

    /** True if not every row of {@link #targetRows()} counts 1. */
    private boolean isWeighted() {
        return target && (weightColumn != null || ragged);
    }

    /** True if this is a target whose weights are given per step. */
    public boolean hasStepWeights() {
        return target && weightColumn != null && weightColumn.form().sequence();
    }

    /** True if this is a sequence whose weights are given per row. */
    private boolean hasRowWeights() {
        return weightColumn != null && !weightColumn.form().sequence() && form().sequence();
    }

    /**
     * Copies this to a device.
     *
     * @param timeline a column whose lengths are on the device already
     * @param shared these lengths; null if none are
     */
    DeviceColumn upload(Scope scope, BatchColumn timeline, Lengths shared) {
        Tensor value;
        if (holdsNumbers()) {
            value = upload(scope, name(), numbers, dimensions());
        } else {
            value = scope.i32(name(), dimensions());
            value.write(0, ids, 0, Math.toIntExact(value.elements()));
        }
        Lengths valid = null;
        if (ragged) {
            valid = shared != null && hasLengthsOf(timeline)
                    ? shared
                    : scope.lengths(steps, Arrays.copyOf(lengths, rows));
        }
        Tensor ofSteps = isWeighted() ? upload(scope, "weights", weights, targetRows()) : null;
        return new DeviceColumn(
                name(),
                form(),
                value,
                valid,
                ofSteps,
                hasRowWeights() ? upload(scope, "row weights", rowWeights, rows) : null,
                hasStepWeights() ? ofSteps : null,
                idBound());
    }

    private int idBound() {
        int largest = -1;
        for (int n = 0; n < targetRows() && !holdsNumbers(); n++) {
            largest = Math.max(largest, ids[n]);
        }
        return largest == Integer.MAX_VALUE ? largest : largest + 1;
    }

    private static Tensor upload(Scope scope, String name, float[] values, int... dimensions) {
        Tensor tensor = scope.f32(name, dimensions);
        tensor.write(0, values, 0, Math.toIntExact(tensor.elements()));
        return tensor;
    }

    /** The shape of this batch; {@link Form#shape} without its intermediate objects, once per batch. */
    private int[] dimensions() {
        int free = form().sequence() ? 2 : 1;
        shape[free - 1] = rows;
        if (form().sequence()) {
            shape[0] = steps;
        }
        return shape;
    }
}
