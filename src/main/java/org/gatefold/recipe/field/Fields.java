package org.gatefold.recipe.field;

import com.google.gson.JsonObject;
import org.gatefold.data.Dataset;
import org.gatefold.file.JsonFields;

/**
 * What a model reads and what it answers.
 *
 * @param input what it reads
 * @param target what it answers
 */
public record Fields(Field input, Target target) {
    private static final String INPUT = "input";
    private static final String TARGET = "target";

    /** Both, fitted to rows. */
    public Fields fit(Rows training) {
        return new Fields(input.fit(training), target.fit(training));
    }

    /** Those of the rows that can be read and answered: all, unless a row is read or answered together with others. */
    public Rows examples(Rows rows) {
        return rows.with(before(), target.span());
    }

    /** Rows of a table that must be known before one that is answered. */
    public int before() {
        return Math.max(input.before(), target.before());
    }

    /** Rows with what is to be learnt of them, each once. */
    public Dataset dataset(Rows rows) {
        return Dataset.of(input.encode(rows)).withTarget(target.encode(rows));
    }

    /** Rows with what is to be learnt of them, in all versions in which they are shown. */
    public Dataset training(Rows rows) {
        Dataset shown = Dataset.of(input.augment(rows));
        int[] versions = new int[shown.size()];
        for (int i = 0; i < versions.length; i++) {
            versions[i] = i % rows.size();
        }
        return shown.withTarget(target.encode(rows).select(versions));
    }

    /** What was fitted. */
    public JsonObject state() {
        JsonObject state = new JsonObject();
        state.add(INPUT, input.state());
        state.add(TARGET, target.state());
        return state;
    }

    /** These fields as they were fitted when {@link #state} was saved. */
    public Fields restored(JsonFields state) {
        return new Fields(input.restored(state.fields(INPUT)), target.restored(state.fields(TARGET)));
    }

    /** What is read and answered, in a few words. */
    public String summary() {
        return input.summary().isEmpty() || target.summary().isEmpty()
                ? input.summary() + target.summary()
                : input.summary() + ", " + target.summary();
    }
}
