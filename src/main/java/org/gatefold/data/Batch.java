package org.gatefold.data;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.device.Scope;
import org.gatefold.tensor.Lengths;

/**
 * Some rows of a {@link Dataset}: each of its inputs and targets padded to one length and laid out time-major.
 *
 * <p>Lives in host memory. A batch handed out by {@link Batches.Epoch} is overwritten by the next one; one made by {@link #of} or
 * {@link Dataset#batch()} stays as it is. One thread at a time.
 */
public final class Batch {
    private final List<BatchColumn> inputs;
    private final List<BatchColumn> targets;
    private final BatchColumn timeline;
    private boolean continues;

    Batch(Dataset data) {
        this(data, null, 0);
    }

    /** @param change what is done to rows of an input in an epoch; null for nothing */
    Batch(Dataset data, Batches.Change change, int epoch) {
        inputs = data.inputs().stream()
                .map(input -> change != null && change.input().equals(input.name())
                        ? BatchColumn.changed(input, change, epoch)
                        : BatchColumn.input(input))
                .toList();
        targets = data.targets().stream()
                .map(target -> BatchColumn.target(target, data.weights(target)))
                .toList();
        timeline = inputs.stream()
                .filter(input -> input.form().sequence())
                .findFirst()
                .orElse(inputs.get(0));
    }

    private Batch(List<BatchColumn> inputs, List<BatchColumn> targets, BatchColumn timeline, boolean continues) {
        this.inputs = inputs;
        this.targets = targets;
        this.timeline = timeline;
        this.continues = continues;
    }

    /** A batch without targets; see {@link Dataset#of}. */
    public static Batch of(float[][][] inputs) {
        return Dataset.of(inputs).batch();
    }

    /** Overwrites this batch; see {@link BatchColumn#fill}. */
    void fill(int[] order, int from, int count, int first, int window, int stepMultiple, boolean goesOn) {
        continues = goesOn;
        for (int i = 0; i < inputs.size(); i++) {
            inputs.get(i).fill(order, from, count, first, window, stepMultiple);
        }
        for (int i = 0; i < targets.size(); i++) {
            targets.get(i).fill(order, from, count, first, window, stepMultiple);
        }
    }

    /** B, the number of rows. */
    public int rows() {
        return timeline.rows();
    }

    /** T, the steps of the longest sequence, or more if padded further; of the first input that is a sequence. */
    public int steps() {
        return timeline.steps();
    }

    /** True if this batch goes on with the rows of the batch before: states are carried over. */
    public boolean continues() {
        return continues;
    }

    /** Sum of the sequences' lengths, of the first input that is a sequence. */
    public long realSteps() {
        return timeline.realSteps();
    }

    /** The steps of one sequence, of the first input that is one. */
    public int length(int row) {
        return timeline.length(row);
    }

    public List<BatchColumn> inputs() {
        return inputs;
    }

    public List<BatchColumn> targets() {
        return targets;
    }

    /** Numbers of one step of the first input. */
    public int features() {
        return inputs.get(0).size();
    }

    /** Number {@code feature} of row {@code row} of the first input at {@code step}; 0 in the padding. */
    public float input(int row, int step, int feature) {
        return inputs.get(0).number(step * rows() + row, feature);
    }

    /** True if the first target is given per step. */
    public boolean perStep() {
        return !targets.isEmpty() && targets.get(0).form().sequence();
    }

    /** Numbers of one row or step of the first target; 0 if it has labels, or if there is none. */
    public int targetSize() {
        return hasTargets() ? targets.get(0).size() : 0;
    }

    /** True if the first target consists of numbers. */
    public boolean hasTargets() {
        return !targets.isEmpty() && targets.get(0).holdsNumbers();
    }

    /** True if the first target consists of labels. */
    public boolean hasLabels() {
        return !targets.isEmpty() && !targets.get(0).holdsNumbers();
    }

    /** {@link BatchColumn#targetRows} of the first target; B if there is none. */
    public int targetRows() {
        return targets.isEmpty() ? rows() : targets.get(0).targetRows();
    }

    /** Number {@code output} of target row {@code n} of the first target. */
    public float target(int n, int output) {
        return targets.get(0).number(n, output);
    }

    /** Label of target row {@code n} of the first target. */
    public int label(int n) {
        return targets.get(0).id(n);
    }

    /** How much target row {@code n} of the first target counts; 0 for padding. */
    public float weight(int n) {
        return targets.isEmpty() ? 1f : targets.get(0).weight(n);
    }

    /** This batch with one of its targets alone; overwritten together with this one. */
    public Batch only(String target) {
        return new Batch(inputs, List.of(target(target)), timeline, continues);
    }

    /**
     * The target of a name.
     *
     * @throws IllegalArgumentException naming those there are if it is none of them
     */
    public BatchColumn target(String name) {
        for (BatchColumn target : targets) {
            if (target.name().equals(name)) {
                return target;
            }
        }
        throw new IllegalArgumentException("target: expected one of "
                + targets.stream().map(BatchColumn::name).toList() + ", got '" + name + "'");
    }

    /**
     * Copies this batch to a device. Padding is 0 in all columns and in the weights.
     *
     * @param scope owns the tensors, usually the step's
     */
    public DeviceBatch upload(Scope scope) {
        Lengths shared = null;
        List<DeviceColumn> x = new ArrayList<>(inputs.size());
        for (BatchColumn input : inputs) {
            DeviceColumn uploaded = input.upload(scope, timeline, shared);
            x.add(uploaded);
            shared = input == timeline ? uploaded.lengths() : shared;
        }
        List<DeviceColumn> y = new ArrayList<>(targets.size());
        for (BatchColumn target : targets) {
            y.add(target.upload(scope, timeline, shared));
        }
        return new DeviceBatch(x, y);
    }
}
