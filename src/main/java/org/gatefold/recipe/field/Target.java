package org.gatefold.recipe.field;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.gatefold.data.Column;
import org.gatefold.data.table.Table;
import org.gatefold.file.JsonFields;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Linear;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.metric.Metric;

/**
 * A field that a model answers: what its outputs cost, what they mean in the words of the table, and how well they did. An
 * <em>answer</em> is what is left of a row's outputs then: probabilities of classes, or numbers in the scale of the data.
 */
public interface Target extends Field {
    @Override
    Target fit(Rows training);

    @Override
    Target restored(JsonFields state);

    /**
     * What is to be learnt of the rows.
     *
     * @throws IllegalArgumentException if the table does not tell it
     */
    @Override
    Column encode(Rows rows);

    /** True if a table tells what is to be answered. */
    boolean isKnown(Table table);

    /** Outputs that a model needs for a row or step. */
    int outputs();

    /** The last layers of a network, whose output {@link #answers} reads: by default linear, of as many outputs as it needs. */
    default List<Layer> head() {
        return List.of(Linear.of(outputs()));
    }

    /** What outputs cost. */
    Loss loss();

    /** What is told of the rows held back after every epoch, beside the loss. */
    List<Metric> metrics();

    /** The simple methods that it is usually compared with. */
    List<Baseline> baselines();

    /** Rows that an answer tells of, its own the first. */
    default int span() {
        return 1;
    }

    /**
     * The rows of a table that are to be answered.
     *
     * @param known whether also to answer rows whose answer is known, where that is not usual
     */
    default Rows asked(Table table, boolean known) {
        if (known) {
            throw new IllegalArgumentException("--walk-forward: expected a model that forecasts, got one that answers '"
                    + name() + "' for every row");
        }
        return Rows.all(table);
    }

    /**
     * What the outputs for some rows mean.
     *
     * @param outputs one array per row; where a network has outputs for every step, those of the steps one after the other
     */
    double[][] answers(Rows rows, float[][] outputs);

    /**
     * The outputs that mean some answers: what {@link #answers} leads back to them.
     *
     * @param answers one array per row
     */
    float[][] outputs(Rows rows, double[][] answers);

    /**
     * What a network has to learn of rows where a prior answers too: all of it by default.
     *
     * @param prior the outputs of the prior, one array per row, made where they are asked for
     */
    default Column encodeBeside(Rows rows, Supplier<float[][]> prior) {
        return encode(rows);
    }

    /**
     * How the outputs of a prior and of a network, which learnt {@link #encodeBeside}, answer best together.
     *
     * @param rows that neither was fitted to; may be none
     */
    Blend blend(Rows rows, float[][] prior, float[][] network);

    /**
     * Measures answers.
     *
     * @param answers one per row; null for rows that a method cannot answer
     */
    Score score(Rows rows, double[][] answers);

    /** The best of several scores is the highest, or the lowest, by their first figure. */
    boolean higherIsBetter();

    /** So many rows, in words. */
    default String counted(int rows) {
        return rows + (rows == 1 ? " row" : " rows");
    }

    /** The titles of {@link #lines}. */
    List<String> header();

    /** Answers as lines of a table, with what was to be answered where it is known. */
    List<List<String>> lines(Rows rows, double[][] answers);

    /** Answers in the form in which files of the kind are written; empty if that is CSV of {@link #header} and {@link #lines}. */
    default Optional<String> written(Rows rows, double[][] answers) {
        return Optional.empty();
    }

    /** The file of a run that keeps the answers of the test part, without its ending; none by default. */
    default Optional<String> kept() {
        return Optional.empty();
    }

    /** Answers of the test part as a curve; none by default. */
    default Optional<Curve> curve(Rows rows, double[][] answers) {
        return Optional.empty();
    }
}
