package org.gatefold.recipe.field;

import java.util.List;
import java.util.Optional;
import org.gatefold.data.Column;
import org.gatefold.data.table.Table;
import org.gatefold.file.JsonFields;
import org.gatefold.layer.Layer;
import org.gatefold.model.Model;
import org.gatefold.recipe.field.picture.Picture;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.metric.Metric;

/**
 * A field that a model answers: what its outputs cost, how it is asked, and how well it did. An <em>answer</em> is an array of numbers
 * for a row, of which the target knows the meaning: probabilities of classes, numbers in the scale of the data, or ids of words. Where
 * it follows from the outputs for that row, the target is an {@link OutputTarget}.
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

    /**
     * Inputs, by name, that a network has beside the fields that it reads while it is trained and validated, made of what is to be learnt:
     * teacher forcing. None by default; where there are some, {@link #answers} asks the model in a way of its own.
     */
    default List<Column> forced(Rows rows) {
        return List.of();
    }

    /** True if a table tells what is to be answered. */
    boolean isKnown(Table table);

    /** The last layers of a network: those that this target knows; none by default. */
    default List<Layer> head() {
        return List.of();
    }

    /**
     * True if {@link #answers} takes the outputs of several networks side by side, each behind the other; false, as by default, if the mean
     * of outputs answers.
     */
    default boolean hearsMembersApart() {
        return false;
    }

    /** What outputs cost. */
    Loss loss();

    /** What is told of the rows held back after every epoch, beside the loss. */
    List<Metric> metrics();

    /**
     * What tells the best epoch.
     *
     * @param metric the name of one of the {@link #metrics}
     */
    record Monitored(String metric, boolean higherIsBetter) {}

    /** What tells the best epoch, where that is not the loss. */
    default Optional<Monitored> monitored() {
        return Optional.empty();
    }

    /** The simple methods that it is usually compared with. */
    List<Baseline> baselines();

    /** Rows that an answer tells of, its own the first. */
    default int span() {
        return 1;
    }

    /**
     * Those of some rows that are learnt or tested on: all by default.
     *
     * @param rows with as many before and behind them as are needed
     */
    default Rows examples(Rows rows) {
        return rows;
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
     * Answers of a trained model.
     *
     * @param model whose network was made for these fields
     * @param fields what it reads and answers, fitted
     * @param rows that may be answered, as {@link Fields#examples} gives them; may be none
     * @return one per row
     */
    double[][] answers(Model model, Fields fields, Rows rows);

    /**
     * Answers of a trained model for rows each of which is by itself, whatever stands before it: as {@link #answers} by default, whose
     * parameters they are.
     */
    default double[][] separateAnswers(Model model, Fields fields, Rows rows) {
        return answers(model, fields, rows);
    }

    /** What answers {@link #said} say; empty, as by default, where they are numbers. */
    default Optional<Answer.Kind> says() {
        return Optional.empty();
    }

    /**
     * What answers say, one for each row.
     *
     * @throws IllegalStateException if {@link #says} is empty
     */
    default List<Answer> said(Rows rows, double[][] answers) {
        throw new IllegalStateException("the answers '" + name() + "' are numbers");
    }

    /**
     * The best few answers for each row with their scores, as lines.
     *
     * @param count at least 1
     * @throws IllegalArgumentException unless answers are searched for
     */
    default String ranked(Model model, Fields fields, Rows rows, int count) {
        throw new IllegalArgumentException(
                "--n-best: expected a model that writes sequences, got one that answers '" + name() + "'");
    }

    /**
     * Where a model found what it writes, as a picture for each row: what it looked at, or when it heard it.
     *
     * @throws IllegalArgumentException unless it writes down recordings, or writes sequences and has attention
     */
    default List<Picture> found(Model model, Fields fields, Rows rows) {
        throw new IllegalArgumentException(
                "--pictures: expected a model that writes sequences, got one that answers '" + name() + "'");
    }

    /**
     * Measures answers.
     *
     * @param answers one per row; null for rows that a method cannot answer
     */
    Score score(Rows rows, double[][] answers);

    /** Measures the answers of the model itself, of which more may be told than of those of simple methods. */
    default Score ownScore(Rows rows, double[][] answers) {
        return score(rows, answers);
    }

    /** True if {@link #calibrated} is to be asked, for which the rows held back must be answered. */
    default boolean isCalibrated() {
        return false;
    }

    /**
     * This target with what answers for rows that no method was fitted to tell of how sure others are: nothing by default.
     *
     * @param heldBack at least one
     * @param answers one per row
     */
    default Target calibrated(Rows heldBack, double[][] answers) {
        return this;
    }

    /**
     * Changes a trained network so that it answers rows better that it was not fitted to, by what the loss does not see: not at all by
     * default.
     *
     * @param fields of which this is the target
     * @param heldBack at least one
     * @return this target, which knows what was changed
     */
    default Target tuned(Model model, Fields fields, Rows heldBack) {
        return this;
    }

    /**
     * Changes a trained network as another one was.
     *
     * @param other what {@link #tuned} gave
     */
    default Target tunedAs(Target other, Model model) {
        return this;
    }

    /** What a score of the model tells beside its figures, in a line; empty if nothing. */
    default String remark(Score score) {
        return "";
    }

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

    /**
     * Answers as JSON objects, one a line and row.
     *
     * @throws IllegalArgumentException unless words are tagged
     */
    default String jsonLines(Rows rows, double[][] answers) {
        throw new IllegalArgumentException(
                "--json: expected a model that tags words, got one that answers '" + name() + "'");
    }

    /** The file of a run that keeps the answers of the test part, without its ending; none by default. */
    default Optional<String> kept() {
        return Optional.empty();
    }

    /** Answers of the test part as pictures; none by default. */
    default List<Picture> pictures(Rows rows, double[][] answers) {
        return List.of();
    }
}
