package org.gatefold.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.gatefold.tensor.Form;

/**
 * Rows in host memory: named inputs, named targets to be learnt from them, and how much each row or step counts.
 *
 * <p>Any number of {@link Column}s of any form may be inputs or targets. For the usual case of one of each there are short
 * forms on arrays: they make columns that are called {@value #INPUT} and {@value #TARGET}. Immutable and safe for many
 * threads; arrays are copied when they come in.
 */
public final class Dataset {
    /** The name of an input that was given none. */
    public static final String INPUT = "input";

    /** The name of a target that was given none. */
    public static final String TARGET = "target";

    private final List<Column> inputs;
    private final List<Column> targets;
    private final Column rowWeights;
    private final Map<String, Column> targetWeights;

    /**
     * @param rowWeights one number per row, for all targets that have no weights of their own; may be null
     * @param targetWeights by the name of the target
     */
    private Dataset(List<Column> inputs, List<Column> targets, Column rowWeights, Map<String, Column> targetWeights) {
        this.inputs = inputs;
        this.targets = targets;
        this.rowWeights = rowWeights;
        this.targetWeights = targetWeights;
    }

    /**
     * Sequences without targets, for prediction or to be given targets.
     *
     * @param inputs {@code [row][step][feature]}; rows may differ in length
     * @throws IllegalArgumentException if there is no row, no step at all, or if the number of features differs
     */
    public static Dataset of(float[][][] inputs) {
        return of(Column.sequences(INPUT, "inputs", inputs));
    }

    /**
     * Inputs without targets.
     *
     * @param inputs at least one, of equally many rows and different names
     */
    public static Dataset of(Column... inputs) {
        if (inputs.length == 0) {
            throw new IllegalArgumentException("inputs: expected at least one column, got none");
        }
        Dataset data = new Dataset(List.of(inputs[0]), List.of(), null, Map.of());
        for (Column input : Arrays.asList(inputs).subList(1, inputs.length)) {
            data = data.withInput(input);
        }
        return data;
    }

    /** This set with one more input, or another one in place of an input of that name. */
    public Dataset withInput(Column input) {
        requireSize("input '" + input.name() + "'", input.size());
        return new Dataset(with(inputs, input), targets, rowWeights, targetWeights);
    }

    /** This set with one more target, or another one in place of a target of that name. */
    public Dataset withTarget(Column target) {
        requireSize("target '" + target.name() + "'", target.size());
        Column weights = targetWeights.get(target.name());
        if (weights != null && weights.form().sequence() && !weights.hasStepsOf(target)) {
            throw new IllegalArgumentException("weights: give targets before weights");
        }
        return new Dataset(inputs, with(targets, target), rowWeights, targetWeights);
    }

    private static List<Column> with(List<Column> columns, Column column) {
        List<Column> changed = new ArrayList<>(columns);
        for (int i = 0; i < changed.size(); i++) {
            if (changed.get(i).name().equals(column.name())) {
                changed.set(i, column);
                return List.copyOf(changed);
            }
        }
        changed.add(column);
        return List.copyOf(changed);
    }

    /**
     * This set with one vector of numbers to predict per row, as target {@value #TARGET}.
     *
     * @param values {@code [row][output]}
     */
    public Dataset withTargets(float[][] values) {
        requireSize("targets", values.length);
        return withTarget(Column.rows(TARGET, "targets", values));
    }

    /**
     * This set with one vector of numbers to predict per step, as target {@value #TARGET}.
     *
     * @param values {@code [row][step][output]}, as many steps as the inputs
     */
    public Dataset withStepTargets(float[][][] values) {
        requireSize("targets", values.length);
        return withStepTarget("targets", Column.sequences(TARGET, "targets", values));
    }

    /**
     * This set with one class per row, as target {@value #TARGET}.
     *
     * @param classes one label per row, 0 to C-1, or a loss's ignore index
     */
    public Dataset withLabels(int... classes) {
        requireSize("labels", classes.length);
        return withTarget(Column.labels(TARGET, "labels", classes));
    }

    /**
     * This set with one class per step, as target {@value #TARGET}.
     *
     * @param classes {@code [row][step]}, as many steps as the inputs
     */
    public Dataset withStepLabels(int[][] classes) {
        requireSize("labels", classes.length);
        return withStepTarget("labels", Column.tokens(TARGET, "labels", classes));
    }

    private Dataset withStepTarget(String argument, Column target) {
        requireSteps(argument, target);
        return withTarget(target);
    }

    /**
     * This set with one weight per row: how much the row counts in losses and metrics. Replaces all weights there were.
     *
     * @param rows one weight per row, finite and at least 0
     */
    public Dataset withWeights(float... rows) {
        requireSize("weights", rows.length);
        for (int row = 0; row < rows.length; row++) {
            requireWeight(row, rows[row]);
        }
        return new Dataset(inputs, targets, Column.numbers("weights", rows), Map.of());
    }

    /**
     * This set with one weight per step of its target, for instance 0 for steps that do not count; needs one target, per
     * step.
     *
     * @param steps {@code [row][step]}, each finite and at least 0
     */
    public Dataset withStepWeights(float[][] steps) {
        if (targets.size() != 1 || !perStep()) {
            throw new IllegalArgumentException("weights: one per step needs targets or labels per step");
        }
        requireSize("weights", steps.length);
        Column weights = Column.numbers("weights", steps);
        requireSteps("weights", targets.get(0), weights, "the targets");
        return withWeights(targets.get(0).name(), weights);
    }

    /**
     * This set with weights for one of its targets.
     *
     * @param target its name
     * @param weights one number per row, or one per step if the target has steps, each finite and at least 0
     */
    public Dataset withWeights(String target, Column weights) {
        Column weighted = target(target);
        requireSize("weights", weights.size());
        boolean sequence = weights.form().sequence();
        Form form = sequence ? Form.sequences(1) : Form.rows(1);
        if (!weights.form().equals(form) || (sequence && !weighted.form().sequence())) {
            throw new IllegalArgumentException("weights: expected one number per row"
                    + (weighted.form().sequence() ? " or step" : "") + " of target '" + target + "', got "
                    + weights.form());
        }
        if (sequence) {
            requireSteps("weights", weighted, weights, "target '" + target + "'");
        }
        for (int row = 0; row < weights.size(); row++) {
            for (int step = 0; step < weights.steps(row); step++) {
                requireWeight(row, weights.numbers(row)[weights.first(row) + step]);
            }
        }
        Map<String, Column> changed = new LinkedHashMap<>(targetWeights);
        changed.put(target, weights);
        return new Dataset(inputs, targets, rowWeights, changed);
    }

    /** Number of rows. */
    public int size() {
        return inputs.get(0).size();
    }

    /** The inputs, in the order in which they were given. */
    public List<Column> inputs() {
        return inputs;
    }

    /** The targets, in the order in which they were given; empty if there are none. */
    public List<Column> targets() {
        return targets;
    }

    /** The target of a name. */
    public Column target(String name) {
        return targets.stream()
                .filter(target -> target.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("target: expected one of "
                        + targets.stream().map(Column::name).toList() + ", got '" + name + "'"));
    }

    /** The weights of a target; null if all of it counts 1. */
    Column weights(Column target) {
        return targetWeights.getOrDefault(target.name(), rowWeights);
    }

    /** Numbers of one step of the first input. */
    public int features() {
        return Math.toIntExact(inputs.get(0).form().size());
    }

    /** Steps of one row of the first input that is a sequence; 1 if none is. */
    public int steps(int row) {
        return timeline().steps(row);
    }

    /** Steps of the longest row; see {@link #steps}. */
    public int maxSteps() {
        return timeline().maxSteps();
    }

    /** The input whose steps are those of the set. */
    private Column timeline() {
        return inputs.stream()
                .filter(input -> input.form().sequence())
                .findFirst()
                .orElse(inputs.get(0));
    }

    /** Numbers to predict per row or step, of the first target; 0 if it has labels, or if there is none. */
    public int targetSize() {
        return targets.isEmpty() || !targets.get(0).holdsNumbers()
                ? 0
                : Math.toIntExact(targets.get(0).form().size());
    }

    /** True if the first target is given per step. */
    public boolean perStep() {
        return !targets.isEmpty() && targets.get(0).form().sequence();
    }

    /** True if every target, and every input that is a sequence, has the steps of the set. */
    boolean isAligned() {
        Column timeline = timeline();
        return inputs.stream().allMatch(input -> !input.form().sequence() || input.hasStepsOf(timeline))
                && targets.stream().allMatch(target -> target.hasStepsOf(timeline));
    }

    /** Rows {@code from} to {@code to}, exclusive, sharing memory with this set. */
    public Dataset slice(int from, int to) {
        return each(column -> column.slice(from, to));
    }

    /** The given rows in the given order, sharing memory with this set. */
    public Dataset select(int... rows) {
        return each(column -> column.select(rows));
    }

    private Dataset each(UnaryOperator<Column> change) {
        Map<String, Column> changedWeights = new LinkedHashMap<>();
        targetWeights.forEach((target, weights) -> changedWeights.put(target, change.apply(weights)));
        return new Dataset(
                inputs.stream().map(change).toList(),
                targets.stream().map(change).toList(),
                rowWeights == null ? null : change.apply(rowWeights),
                changedWeights);
    }

    /** All rows as one batch of its own. */
    public Batch batch() {
        return Batches.of(this, size()).inOrder().batch(0);
    }

    private void requireSize(String argument, int actual) {
        if (actual != size()) {
            throw new IllegalArgumentException(argument + ": expected " + size() + " rows, got " + actual);
        }
    }

    private void requireSteps(String argument, Column actual) {
        requireSteps(argument, timeline(), actual, "the inputs");
    }

    private static void requireSteps(String argument, Column expected, Column actual, String as) {
        for (int row = 0; row < actual.size(); row++) {
            if (actual.steps(row) != expected.steps(row)) {
                throw new IllegalArgumentException(argument + "[" + row + "]: expected " + expected.steps(row)
                        + " steps as in " + as + ", got " + actual.steps(row));
            }
        }
    }

    private static void requireWeight(int row, float weight) {
        if (!(weight >= 0f) || Float.isInfinite(weight)) {
            throw new IllegalArgumentException(
                    "weights[" + row + "]: expected a finite weight of at least 0, got " + weight);
        }
    }
}
