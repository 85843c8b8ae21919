package org.gatefold.recipe.field;

import com.google.gson.JsonObject;
import java.io.IOException;
import org.gatefold.data.Column;
import org.gatefold.file.JsonFields;

/**
 * One or several columns of a table as a model reads or answers them: fitted to training rows alone, then the way from rows
 * to a column of a dataset. What was fitted is kept in model files. Implementations are immutable and thread-safe.
 */
public interface Field {
    /** What it is called: in datasets, and in the header of answers. */
    String name();

    /** This field fitted to rows; nothing else of their table is looked at. */
    Field fit(Rows training);

    /**
     * The rows as a model takes them, one each.
     *
     * @throws IllegalArgumentException naming file, line and column of what cannot be read
     * @throws IllegalStateException if the field was not fitted
     */
    Column encode(Rows rows);

    /**
     * The rows as a model is trained on them: those of {@link #encode}, and behind them as many again for every further
     * version in which a row is shown.
     */
    default Column augment(Rows rows) {
        return encode(rows);
    }

    /** Rows of the table that must come before a row for it to be encoded. */
    default int before() {
        return 0;
    }

    /** What is read or answered, in a few words, for instance {@code "window 60"}; empty if there is nothing to tell. */
    String summary();

    /**
     * Checks that files beside the table that first weights are taken from are as they were when it was fitted; there are none by default.
     *
     * @throws IOException if one cannot be read
     * @throws IllegalArgumentException naming one that has changed
     */
    default void requireUnchanged() throws IOException {}

    /**
     * What a run should tell of rows before it trains, in one line: what of them a field leaves out, or how many that are tested on a target can
     * only answer wrongly; empty if nothing.
     *
     * @throws IllegalArgumentException naming file and line of what cannot be measured
     */
    default String warning(Rows rows) {
        return "";
    }

    /** What was fitted. */
    JsonObject state();

    /**
     * This field as it was fitted when its {@link #state} was saved.
     *
     * @throws org.gatefold.file.FileException naming file and field if that is no such state
     */
    Field restored(JsonFields state);
}
