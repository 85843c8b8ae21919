package org.gatefold.recipe.field;

import com.google.gson.JsonObject;
import org.gatefold.file.JsonFields;

/**
 * A simple method whose answers are joined with those of a network: {@link OutputTarget#encodeBeside} says what the network learns
 * then, {@link OutputTarget#blend} how much of each is taken. Fitted to training rows alone, and kept in model files. Implementations
 * are immutable and thread-safe.
 */
public interface Prior {
    /**
     * This method fitted to rows.
     *
     * @param fields what is read and answered, fitted; their prior is to be left alone
     */
    Prior fit(Fields fields, Rows training);

    /**
     * Answers as {@link Target#answers} gives them.
     *
     * @param fields what is read and answered, fitted
     */
    double[][] answers(Fields fields, Rows rows);

    /** What it is called in texts, for instance {@code "naive Bayes"}. */
    String name();

    /** What was found or chosen for it; its name if there is nothing to tell. */
    default String detail() {
        return name();
    }

    /** What was fitted. */
    JsonObject state();

    /**
     * This method as it was fitted when its {@link #state} was saved.
     *
     * @throws org.gatefold.file.FileException naming file and field if that is no such state
     */
    Prior restored(JsonFields state);
}
