package org.gatefold.recipe.field;

import com.google.gson.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.file.JsonFields;
import org.gatefold.tensor.Form;

/**
 * What a model reads and what it answers.
 *
 * @param inputs what it reads, at least one; if there are several, columns and inputs of the network are called by their names
 * @param target what it answers
 * @param prior a simple method whose answers are joined with those of the network; null for none
 */
public record Fields(List<Field> inputs, Target target, Prior prior) {
    private static final String INPUT = "input";
    private static final String INPUTS = "inputs";
    private static final String TARGET = "target";
    private static final String PRIOR = "prior";

    public Fields {
        inputs = List.copyOf(inputs);
        List<String> names = inputs.stream().map(Field::name).toList();
        if (names.isEmpty() || names.stream().distinct().count() < names.size()) {
            throw new IllegalArgumentException("inputs: expected at least one, of different names, got " + names);
        }
        if (prior != null && !(target instanceof OutputTarget)) {
            throw new IllegalArgumentException("prior: expected none for the target '" + target.name()
                    + "', whose answers are not read of outputs, got " + prior.name());
        }
    }

    /** Fields of a model of one input that answers alone. */
    public Fields(Field input, Target target) {
        this(List.of(input), target, null);
    }

    /** What it reads; of several inputs the first. */
    public Field input() {
        return inputs.get(0);
    }

    /**
     * What it answers, where that is read of outputs.
     *
     * @throws IllegalStateException if it is not
     */
    public OutputTarget outputTarget() {
        if (target instanceof OutputTarget read) {
            return read;
        }
        throw new IllegalStateException("target '" + target.name() + "': its answers are not read of outputs");
    }

    /** All fitted to rows. */
    public Fields fit(Rows training) {
        Fields fitted = new Fields(each(input -> input.fit(training)), target.fit(training), null);
        return prior == null ? fitted : new Fields(fitted.inputs, fitted.target, prior).withPriorFitted(training);
    }

    /** These with the prior fitted to other rows. */
    public Fields withPriorFitted(Rows training) {
        return new Fields(inputs, target, prior.fit(this, training));
    }

    /** These with another target, or the same with more fitted. */
    public Fields withTarget(Target other) {
        return new Fields(inputs, other, prior);
    }

    private List<Field> each(Function<Field, Field> change) {
        return inputs.stream().map(change).toList();
    }

    /**
     * Those of the rows that can be read and answered: all, unless a row is read or answered together with others, or the target leaves
     * some out.
     */
    public Rows examples(Rows rows) {
        return target.examples(rows.with(before(), target.span()));
    }

    /** Rows of a table that must be known before one that is answered. */
    public int before() {
        return Math.max(
                target.before(), inputs.stream().mapToInt(Field::before).max().orElseThrow());
    }

    /** The outputs of the prior for rows. */
    public float[][] priorOutputs(Rows rows) {
        return outputTarget().outputs(rows, prior.answers(this, rows));
    }

    private Column learnt(Rows rows) {
        return prior == null ? target.encode(rows) : outputTarget().encodeBeside(rows, () -> priorOutputs(rows));
    }

    /** Rows as a model reads them, without what is to be learnt of them. */
    public Dataset read(Rows rows) {
        return read(rows, Field::encode, List.of());
    }

    /**
     * Rows of several tables as a model reads them, one after the other.
     *
     * @param tables at least one
     */
    public Dataset read(List<Rows> tables) {
        return read(
                tables.get(0),
                (input, first) ->
                        Column.joined(tables.stream().map(input::encode).toList()),
                List.of());
    }

    private Dataset read(Rows rows, BiFunction<Field, Rows, Column> way, List<Column> forced) {
        boolean alone = inputs.size() == 1 && forced.isEmpty();
        Dataset read = Dataset.of(inputs.stream()
                .map(input ->
                        alone ? way.apply(input, rows) : way.apply(input, rows).named(input.name()))
                .toArray(Column[]::new));
        for (Column column : forced) {
            read = read.withInput(column.select(versions(read.size(), rows.size())));
        }
        return read;
    }

    /** The rows, of so many, that are shown in each version. */
    private static int[] versions(int shown, int rows) {
        int[] versions = new int[shown];
        for (int i = 0; i < shown; i++) {
            versions[i] = i % rows;
        }
        return versions;
    }

    /**
     * What a network takes, by the names of its inputs.
     *
     * @param rows at least one, of those that are learnt
     */
    public Map<String, Form> forms(Rows rows) {
        Map<String, Form> forms = new LinkedHashMap<>();
        read(rows, Field::encode, target.forced(rows))
                .inputs()
                .forEach(column -> forms.put(column.name(), column.form()));
        return forms;
    }

    /** Rows with what is to be learnt of them, each once. */
    public Dataset dataset(Rows rows) {
        return read(rows, Field::encode, target.forced(rows)).withTarget(learnt(rows));
    }

    /** Rows with what is to be learnt of them, in all versions in which they are shown. */
    public Dataset training(Rows rows) {
        Dataset shown = read(rows, Field::augment, target.forced(rows));
        Column learnt = learnt(rows);
        return shown.withTarget(learnt.select(versions(shown.size(), learnt.size())));
    }

    /** What was fitted. */
    public JsonObject state() {
        JsonObject state = new JsonObject();
        if (inputs.size() == 1) {
            state.add(INPUT, input().state());
        } else {
            JsonObject states = new JsonObject();
            inputs.forEach(input -> states.add(input.name(), input.state()));
            state.add(INPUTS, states);
        }
        state.add(TARGET, target.state());
        if (prior != null) {
            state.add(PRIOR, prior.state());
        }
        return state;
    }

    /** These fields as they were fitted when {@link #state} was saved. */
    public Fields restored(JsonFields state) {
        return new Fields(
                inputs.size() == 1
                        ? List.of(input().restored(state.fields(INPUT)))
                        : each(input -> input.restored(state.fields(INPUTS).fields(input.name()))),
                target.restored(state.fields(TARGET)),
                prior == null ? null : prior.restored(state.fields(PRIOR)));
    }

    /** What is read and answered, in a few words. */
    public String summary() {
        return Stream.concat(inputs.stream().map(Field::summary), Stream.of(target.summary()))
                .filter(words -> !words.isEmpty())
                .collect(Collectors.joining(", "));
    }
}
