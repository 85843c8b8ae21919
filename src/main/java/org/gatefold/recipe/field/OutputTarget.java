package org.gatefold.recipe.field;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.file.JsonFields;
import org.gatefold.layer.Layer;
import org.gatefold.layer.basic.Linear;
import org.gatefold.model.Model;
import org.gatefold.model.Prediction;

/**
 * A target whose answer for a row is read of a model's outputs for it. It may be joined with a {@link Prior}, whose answers are
 * turned into outputs for that.
 */
public interface OutputTarget extends Target {
    @Override
    OutputTarget fit(Rows training);

    @Override
    OutputTarget restored(JsonFields state);

    /** Outputs that a model needs for a row or step. */
    int outputs();

    /** {@inheritDoc} Its output is what {@link #answers(Rows, float[][])} reads: by default linear, of as many outputs as it needs. */
    @Override
    default List<Layer> head() {
        return List.of(Linear.of(outputs()));
    }

    @Override
    default double[][] answers(Model model, Fields fields, Rows rows) {
        return answers(rows, outputs(model, fields, rows));
    }

    /**
     * Answers of a trained model that is joined with a prior.
     *
     * @param fields whose prior it is
     * @param weights how the outputs of both are added up
     */
    default double[][] answers(Model model, Fields fields, Rows rows, Blend weights) {
        return answers(rows, joined(weights, fields.priorOutputs(rows), outputs(model, fields, rows)));
    }

    /** The outputs of a prior and of a network, one array per row, as they are added up: by their weights, by default. */
    default float[][] joined(Blend weights, float[][] prior, float[][] network) {
        return weights.of(prior, network);
    }

    /** What a model puts out for rows: one array per row; of several steps those of the steps one after the other. */
    static float[][] outputs(Model model, Fields fields, Rows rows) {
        return rows.size() == 0 ? new float[0][] : outputs(model, fields.read(rows));
    }

    /** What a model puts out for rows as it reads them, at least one. */
    static float[][] outputs(Model model, Dataset read) {
        Prediction first = model.predict(read).values().iterator().next();
        return first.form().sequence()
                ? Arrays.stream(first.sequences()).map(OutputTarget::joined).toArray(float[][]::new)
                : first.rows();
    }

    private static float[] joined(float[]... steps) {
        int width = steps.length == 0 ? 0 : steps[0].length;
        float[] joined = new float[steps.length * width];
        for (int step = 0; step < steps.length; step++) {
            System.arraycopy(steps[step], 0, joined, step * width, width);
        }
        return joined;
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
}
