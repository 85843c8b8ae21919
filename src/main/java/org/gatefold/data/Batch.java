package org.gatefold.data;

import java.util.Arrays;
import org.gatefold.device.Scope;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/**
 * Some sequences of a {@link Dataset}, padded to one length and laid out time-major, with their targets.
 *
 * <p>Lives in host memory. A batch handed out by {@link Batches.Epoch} is overwritten by the next one; one made by {@link #of} or
 * {@link Dataset#batch()} stays as it is. One thread at a time.
 */
public final class Batch {
    private int rows;
    private int steps;
    private int firstStep;
    private int features;
    private int targetSize;
    private boolean perStep;
    private boolean ragged;
    private boolean hasTargets;
    private boolean hasLabels;
    private boolean hasWeights;
    private float[] inputs = {};
    private int[] lengths = {};
    private float[] targets = {};
    private int[] labels = {};
    private float[] weights = {};

    Batch() {}

    /** A batch without targets; see {@link Dataset#of}. */
    public static Batch of(float[][][] inputs) {
        return Dataset.of(inputs).batch();
    }

    /**
     * Overwrites this batch with rows {@code order[from]} to {@code order[from + count - 1]} of a set, of each at most
     * {@code window} steps from {@code first}.
     */
    void fill(Dataset data, int[] order, int from, int count, int first, int window, int stepMultiple) {
        firstStep = first;
        int longest = 1;
        int shortest = Integer.MAX_VALUE;
        lengths = atLeast(lengths, count);
        for (int b = 0; b < count; b++) {
            int length = Math.min(window, Math.max(0, data.steps(order[from + b]) - first));
            lengths[b] = length;
            longest = Math.max(longest, length);
            shortest = Math.min(shortest, length);
        }
        rows = count;
        features = data.features();
        steps = (longest + stepMultiple - 1) / stepMultiple * stepMultiple;
        ragged = shortest < steps;
        targetSize = data.targetSize();
        perStep = data.perStep();
        hasTargets = targetSize > 0;
        hasLabels = data.labels(order[from]) != null;
        hasWeights = data.weights(order[from]) != null || (perStep && ragged);
        int size = Math.multiplyExact(Math.multiplyExact(rows, steps), features);
        inputs = atLeast(inputs, size);
        if (ragged) {
            Arrays.fill(inputs, 0, size, 0f);
        }
        for (int b = 0; b < count; b++) {
            interleave(data.inputs(order[from + b]), features, lengths[b], inputs, b);
        }
        fillTargets(data, order, from);
    }

    private void fillTargets(Dataset data, int[] order, int from) {
        int targetRows = targetRows();
        if (hasTargets) {
            targets = atLeast(targets, Math.multiplyExact(targetRows, targetSize));
            Arrays.fill(targets, 0, targetRows * targetSize, 0f);
        }
        if (hasLabels) {
            labels = atLeast(labels, targetRows);
            Arrays.fill(labels, 0, targetRows, 0);
        }
        if (hasWeights) {
            weights = atLeast(weights, targetRows);
            Arrays.fill(weights, 0, targetRows, 0f);
        }
        for (int b = 0; b < rows; b++) {
            int row = order[from + b];
            int valid = perStep ? lengths[b] : 1;
            if (hasTargets) {
                interleave(data.targets(row), targetSize, valid, targets, b);
            }
            if (hasLabels) {
                int[] source = data.labels(row);
                for (int t = 0; t < valid; t++) {
                    labels[t * rows + b] = source[firstStep + t];
                }
            }
            if (hasWeights) {
                float[] source = data.weights(row);
                for (int t = 0; t < valid; t++) {
                    weights[t * rows + b] = source == null ? 1f : source[firstStep + t];
                }
            }
        }
    }

    /** Copies steps of row {@code b} from {@code [step, width]} to their places in {@code [step, row, width]}. */
    private void interleave(float[] source, int width, int valid, float[] target, int b) {
        if (width == 1) {
            for (int t = 0; t < valid; t++) {
                target[t * rows + b] = source[firstStep + t];
            }
            return;
        }
        for (int t = 0; t < valid; t++) {
            System.arraycopy(source, (firstStep + t) * width, target, (t * rows + b) * width, width);
        }
    }

    /**
     * Copies this batch to a device. Padding is 0 in the inputs and in the weights.
     *
     * @param scope owns the tensors, usually the step's
     */
    public DeviceBatch upload(Scope scope) {
        Tensor x = scope.f32("inputs", steps, rows, features);
        x.write(0, inputs, 0, steps * rows * features);
        Lengths valid = ragged ? scope.lengths(steps, Arrays.copyOf(lengths, rows)) : null;
        int targetRows = targetRows();
        Tensor y = null;
        if (hasTargets) {
            y = scope.f32("targets", targetRows, targetSize);
            y.write(0, targets, 0, targetRows * targetSize);
        }
        Tensor classes = null;
        if (hasLabels) {
            classes = scope.i32("labels", targetRows);
            classes.write(0, labels, 0, targetRows);
        }
        Tensor counts = null;
        if (hasWeights) {
            counts = scope.f32("weights", targetRows);
            counts.write(0, weights, 0, targetRows);
        }
        return new DeviceBatch(x, valid, perStep, y, classes, counts);
    }

    /** B, the number of sequences. */
    public int rows() {
        return rows;
    }

    /** T, the steps of the longest sequence, or more if padded further. */
    public int steps() {
        return steps;
    }

    /** True if this batch goes on with the rows of the batch before: states are carried over. */
    public boolean continues() {
        return firstStep > 0;
    }

    /** Features per step. */
    public int features() {
        return features;
    }

    /** Sum of the sequences' lengths. */
    public long realSteps() {
        long sum = 0;
        for (int b = 0; b < rows; b++) {
            sum += lengths[b];
        }
        return sum;
    }

    /** The steps of one sequence. */
    public int length(int row) {
        return lengths[row];
    }

    /** True if targets, labels and weights are given per step. */
    public boolean perStep() {
        return perStep;
    }

    /** Numbers to predict per target row; 0 if there are no numeric targets. */
    public int targetSize() {
        return targetSize;
    }

    public boolean hasTargets() {
        return hasTargets;
    }

    public boolean hasLabels() {
        return hasLabels;
    }

    /** N, the rows of targets: B, or T * B if {@link #perStep()}, in the order of {@code [T, B]}. */
    public int targetRows() {
        return perStep ? steps * rows : rows;
    }

    /** Value {@code output} of target row {@code n}. */
    public float target(int n, int output) {
        return targets[n * targetSize + output];
    }

    /** Label of target row {@code n}. */
    public int label(int n) {
        return labels[n];
    }

    /** How much target row {@code n} counts; 0 for padding. */
    public float weight(int n) {
        return hasWeights ? weights[n] : 1f;
    }

    /** Input {@code feature} of sequence {@code row} at {@code step}; 0 in the padding. */
    public float input(int row, int step, int feature) {
        return inputs[(step * rows + row) * features + feature];
    }

    private static float[] atLeast(float[] array, int size) {
        return array.length >= size ? array : new float[size];
    }

    private static int[] atLeast(int[] array, int size) {
        return array.length >= size ? array : new int[size];
    }
}
