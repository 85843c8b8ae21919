package org.gatefold.data;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A set of sequences in host memory with what is to be learnt from each.
 *
 * <p>Sequences are indexed {@code [row][step][feature]}; they may differ in length and may be empty. Targets are numbers or
 * class labels, one per row or one per step. Immutable and safe for many threads; arrays are copied when they come in.
 */
public final class Dataset {
    private static final float[] NONE = {};

    private final int features;
    private final float[][] inputs;
    private final int targetSize;
    private final boolean perStep;
    private final float[][] targets;
    private final int[][] labels;
    private final float[][] weights;

    private Dataset(
            int features,
            float[][] inputs,
            int targetSize,
            boolean perStep,
            float[][] targets,
            int[][] labels,
            float[][] weights) {
        this.features = features;
        this.inputs = inputs;
        this.targetSize = targetSize;
        this.perStep = perStep;
        this.targets = targets;
        this.labels = labels;
        this.weights = weights;
    }

    /**
     * Sequences without targets, for prediction or to be given targets.
     *
     * @param inputs {@code [row][step][feature]}; rows may differ in length
     * @throws IllegalArgumentException if there is no row, no step at all, or if the number of features differs
     */
    public static Dataset of(float[][][] inputs) {
        requireRows("inputs", inputs.length, 1, Integer.MAX_VALUE);
        int features = Arrays.stream(inputs)
                .filter(row -> row.length > 0)
                .mapToInt(row -> row[0].length)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("inputs: expected at least one step, got empty rows"));
        if (features == 0) {
            throw new IllegalArgumentException("inputs: expected at least one feature, got none");
        }
        float[][] flat = new float[inputs.length][];
        for (int row = 0; row < inputs.length; row++) {
            flat[row] = flatten("inputs", row, inputs[row], features);
        }
        return new Dataset(features, flat, 0, false, null, null, null);
    }

    /**
     * This set with one vector of numbers to predict per row.
     *
     * @param values {@code [row][output]}
     */
    public Dataset withTargets(float[][] values) {
        requireRows("targets", values.length, size(), size());
        int width = requireOutputs(values[0].length);
        float[][] copy = new float[values.length][];
        for (int row = 0; row < values.length; row++) {
            requireWidth("targets", row, values[row].length, width);
            copy[row] = values[row].clone();
        }
        return new Dataset(features, inputs, width, false, copy, null, rowWeights());
    }

    /**
     * This set with one vector of numbers to predict per step.
     *
     * @param values {@code [row][step][output]}, as many steps as the inputs
     */
    public Dataset withStepTargets(float[][][] values) {
        requireRows("targets", values.length, size(), size());
        int width = requireOutputs(Arrays.stream(values)
                .filter(row -> row.length > 0)
                .mapToInt(row -> row[0].length)
                .findFirst()
                .orElse(0));
        float[][] copy = new float[values.length][];
        for (int row = 0; row < values.length; row++) {
            requireSteps("targets", row, values[row].length);
            copy[row] = flatten("targets", row, values[row], width);
        }
        return new Dataset(features, inputs, width, true, copy, null, stepWeights());
    }

    /**
     * This set with one class per row.
     *
     * @param classes one label per row, 0 to C-1, or a loss's ignore index
     */
    public Dataset withLabels(int... classes) {
        requireRows("labels", classes.length, size(), size());
        int[][] copy =
                Arrays.stream(classes).mapToObj(label -> new int[] {label}).toArray(int[][]::new);
        return new Dataset(features, inputs, 0, false, null, copy, rowWeights());
    }

    /**
     * This set with one class per step.
     *
     * @param classes {@code [row][step]}, as many steps as the inputs
     */
    public Dataset withStepLabels(int[][] classes) {
        requireRows("labels", classes.length, size(), size());
        int[][] copy = new int[classes.length][];
        for (int row = 0; row < classes.length; row++) {
            requireSteps("labels", row, classes[row].length);
            copy[row] = classes[row].clone();
        }
        return new Dataset(features, inputs, 0, true, null, copy, stepWeights());
    }

    /**
     * This set with one weight per row: how much the row counts in losses and metrics.
     *
     * @param rows one weight per row, finite and at least 0
     */
    public Dataset withWeights(float... rows) {
        requireRows("weights", rows.length, size(), size());
        float[][] copy = new float[rows.length][];
        for (int row = 0; row < rows.length; row++) {
            requireWeight(row, rows[row]);
            copy[row] = new float[perStep ? steps(row) : 1];
            Arrays.fill(copy[row], rows[row]);
        }
        return new Dataset(features, inputs, targetSize, perStep, targets, labels, copy);
    }

    /**
     * This set with one weight per step, for instance 0 for steps that do not count; needs targets per step.
     *
     * @param steps {@code [row][step]}, each finite and at least 0
     */
    public Dataset withStepWeights(float[][] steps) {
        if (!perStep) {
            throw new IllegalArgumentException("weights: one per step needs targets or labels per step");
        }
        requireRows("weights", steps.length, size(), size());
        float[][] copy = new float[steps.length][];
        for (int row = 0; row < steps.length; row++) {
            requireSteps("weights", row, steps[row].length);
            for (float weight : steps[row]) {
                requireWeight(row, weight);
            }
            copy[row] = steps[row].clone();
        }
        return new Dataset(features, inputs, targetSize, true, targets, labels, copy);
    }

    /** Number of rows. */
    public int size() {
        return inputs.length;
    }

    /** Features per step. */
    public int features() {
        return features;
    }

    /** Steps of one row. */
    public int steps(int row) {
        return inputs[row].length / features;
    }

    /** Steps of the longest row. */
    public int maxSteps() {
        return IntStream.range(0, size()).map(this::steps).max().orElse(0);
    }

    /** Numbers to predict per row or step; 0 if there are no numeric targets. */
    public int targetSize() {
        return targetSize;
    }

    /** True if targets, labels and weights are given per step. */
    public boolean perStep() {
        return perStep;
    }

    /** Rows {@code from} to {@code to}, exclusive, sharing memory with this set. */
    public Dataset slice(int from, int to) {
        if (from < 0 || to > size() || from >= to) {
            throw new IndexOutOfBoundsException("rows " + from + " to " + to + " of " + size());
        }
        return select(IntStream.range(from, to).toArray());
    }

    /** The given rows in the given order, sharing memory with this set. */
    public Dataset select(int... rows) {
        requireRows("rows", rows.length, 1, Integer.MAX_VALUE);
        return new Dataset(
                features,
                pick(inputs, rows),
                targetSize,
                perStep,
                pick(targets, rows),
                labels == null
                        ? null
                        : Arrays.stream(rows).mapToObj(r -> labels[r]).toArray(int[][]::new),
                pick(weights, rows));
    }

    /** All rows as one batch of its own. */
    public Batch batch() {
        Batch batch = new Batch();
        batch.fill(this, IntStream.range(0, size()).toArray(), 0, size(), 0, Integer.MAX_VALUE, 1);
        return batch;
    }

    /** Inputs of one row, {@code [step, feature]}. */
    float[] inputs(int row) {
        return inputs[row];
    }

    /** Targets of one row, {@code [step or 1, output]}, or null. */
    float[] targets(int row) {
        return targets == null ? null : targets[row];
    }

    /** Labels of one row, one per step or one, or null. */
    int[] labels(int row) {
        return labels == null ? null : labels[row];
    }

    /** Weights of one row, one per step or one, or null for 1. */
    float[] weights(int row) {
        return weights == null ? null : weights[row];
    }

    private float[][] rowWeights() {
        if (weights != null && perStep) {
            throw new IllegalArgumentException("weights: give targets before weights");
        }
        return weights;
    }

    private float[][] stepWeights() {
        if (weights != null && !perStep) {
            throw new IllegalArgumentException("weights: give targets before weights");
        }
        return weights;
    }

    private static float[][] pick(float[][] values, int... rows) {
        return values == null
                ? null
                : Arrays.stream(rows).mapToObj(r -> values[r]).toArray(float[][]::new);
    }

    private static float[] flatten(String argument, int row, float[][] steps, int width) {
        if (steps.length == 0) {
            return NONE;
        }
        float[] flat = new float[Math.multiplyExact(steps.length, width)];
        for (int step = 0; step < steps.length; step++) {
            if (steps[step].length != width) {
                requireWidth(argument + "[" + row + "]", step, steps[step].length, width);
            }
            System.arraycopy(steps[step], 0, flat, step * width, width);
        }
        return flat;
    }

    private static void requireRows(String argument, int actual, int least, int most) {
        if (actual < least || actual > most) {
            throw new IllegalArgumentException(
                    argument + ": expected " + (least == most ? "" : "at least ") + least + " rows, got " + actual);
        }
    }

    private static int requireOutputs(int width) {
        if (width == 0) {
            throw new IllegalArgumentException("targets: expected at least one value, got none");
        }
        return width;
    }

    private void requireSteps(String argument, int row, int actual) {
        if (actual != steps(row)) {
            throw new IllegalArgumentException(
                    argument + "[" + row + "]: expected " + steps(row) + " steps as in the inputs, got " + actual);
        }
    }

    private static void requireWidth(String argument, int index, int actual, int expected) {
        if (actual != expected) {
            throw new IllegalArgumentException(
                    argument + "[" + index + "]: expected " + expected + " values, got " + actual);
        }
    }

    private static void requireWeight(int row, float weight) {
        if (!(weight >= 0f) || Float.isInfinite(weight)) {
            throw new IllegalArgumentException(
                    "weights[" + row + "]: expected a finite weight of at least 0, got " + weight);
        }
    }
}
