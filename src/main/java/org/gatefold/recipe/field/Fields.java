package org.gatefold.recipe.field;

import com.google.gson.JsonObject;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.file.JsonFields;

/**
 * What a model reads and what it answers.
 *
 * @param input what it reads
 * @param target what it answers
 * @param prior a simple method whose answers are joined with those of the network; null for none
 */
public record Fields(Field input, Target target, Prior prior) {
    private static final String INPUT = "input";
    private static final String TARGET = "target";
    private static final String PRIOR = "prior";

    /** Fields of a model that answers alone. */
    public Fields(Field input, Target target) {
        this(input, target, null);
    }

    /** All fitted to rows. */
    public Fields fit(Rows training) {
        Field read = input.fit(training);
        Target answered = target.fit(training);
        if (prior == null) {
            return new Fields(read, answered);
        }
        return new Fields(read, answered, prior).withPriorFitted(training);
    }

    /** These with the prior fitted to other rows. */
    public Fields withPriorFitted(Rows training) {
        return new Fields(input, target, prior.fit(this, training));
    }

    /** Those of the rows that can be read and answered: all, unless a row is read or answered together with others. */
    public Rows examples(Rows rows) {
        return rows.with(before(), target.span());
    }

    /** Rows of a table that must be known before one that is answered. */
    public int before() {
        return Math.max(input.before(), target.before());
    }

    /** The outputs of the prior for rows. */
    public float[][] priorOutputs(Rows rows) {
        return target.outputs(rows, prior.answers(this, rows));
    }

    private Column learnt(Rows rows) {
        return prior == null ? target.encode(rows) : target.encodeBeside(rows, () -> priorOutputs(rows));
    }

    /** Rows with what is to be learnt of them, each once. */
    public Dataset dataset(Rows rows) {
        return Dataset.of(input.encode(rows)).withTarget(learnt(rows));
    }

    /** Rows with what is to be learnt of them, in all versions in which they are shown. */
    public Dataset training(Rows rows) {
        Dataset shown = Dataset.of(input.augment(rows));
        int[] versions = new int[shown.size()];
        for (int i = 0; i < versions.length; i++) {
            versions[i] = i % rows.size();
        }
        return shown.withTarget(learnt(rows).select(versions));
    }

    /** What was fitted. */
    public JsonObject state() {
        JsonObject state = new JsonObject();
        state.add(INPUT, input.state());
        state.add(TARGET, target.state());
        if (prior != null) {
            state.add(PRIOR, prior.state());
        }
        return state;
    }

    /** These fields as they were fitted when {@link #state} was saved. */
    public Fields restored(JsonFields state) {
        return new Fields(
                input.restored(state.fields(INPUT)),
                target.restored(state.fields(TARGET)),
                prior == null ? null : prior.restored(state.fields(PRIOR)));
    }

    /** What is read and answered, in a few words. */
    public String summary() {
        return input.summary().isEmpty() || target.summary().isEmpty()
                ? input.summary() + target.summary()
                : input.summary() + ", " + target.summary();
    }
}
