package org.gatefold.recipe.field.recursion;

import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.layer.Layer;
import org.gatefold.model.Model;
import org.gatefold.recipe.field.Blend;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.OutputTarget;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Score;
import org.gatefold.recipe.field.picture.Picture;
import org.gatefold.recipe.field.series.DelegatingTarget;
import org.gatefold.recipe.field.series.NumberTarget;
import org.gatefold.train.loss.Loss;

/**
 * Several rows that are forecast one after the other by a network that learns to forecast one: each forecast is read as if it had come, as
 * with an autoregression. A prior forecasts all of them by itself, and the network corrects each.
 */
public final class RecursiveTarget implements DelegatingTarget {
    private static final String ONE = "one";
    private static final String WHOLE = "whole";

    private final NumberTarget one;
    private final NumberTarget whole;
    private final List<String> columns;

    private RecursiveTarget(NumberTarget one, NumberTarget whole, List<String> columns) {
        this.one = one;
        this.whole = whole;
        this.columns = List.copyOf(columns);
    }

    /**
     * Rows that are forecast one after the other.
     *
     * @param one what the network learns: one row
     * @param whole the same of all rows, by which forecasts are shown and measured
     * @param columns the columns of both, in their order
     */
    public static RecursiveTarget of(NumberTarget one, NumberTarget whole, List<String> columns) {
        return new RecursiveTarget(one, whole, columns);
    }

    /** All rows that are forecast, without how they are. */
    @Override
    public NumberTarget shown() {
        return whole;
    }

    @Override
    public RecursiveTarget fit(Rows training) {
        return new RecursiveTarget((NumberTarget) one.fit(training), (NumberTarget) whole.fit(training), columns);
    }

    @Override
    public float[][] learnt(Rows rows) {
        return one.learnt(rows);
    }

    @Override
    public float[][] located(float[][] outputs) {
        return one.located(outputs);
    }

    @Override
    public float[][] joined(Blend weights, float[][] prior, float[][] network) {
        return one.joined(weights, prior, network);
    }

    @Override
    public Loss loss() {
        return one.loss();
    }

    /** The first row alone: those behind need the network. */
    @Override
    public double[][] answers(Rows rows, float[][] outputs) {
        return one.answers(rows, outputs);
    }

    @Override
    public double[][] answers(Model model, Fields fields, Rows rows) {
        return answers(model, fields, rows, null);
    }

    @Override
    public double[][] answers(Model model, Fields fields, Rows rows, Blend weights) {
        int steps = span();
        double[][] prior = weights == null ? null : fields.prior().answers(fields, rows);
        Continued.Source source = new Continued.Source(rows.table(), columns);
        List<Continued> tables = IntStream.range(0, rows.size())
                .mapToObj(i -> new Continued(source, rows.index(i), fields.before()))
                .toList();
        double[][] answers = new double[rows.size()][columns.size() * steps];
        for (int step = 0; step < steps; step++) {
            List<Rows> next =
                    tables.stream().map(table -> Rows.of(table, table.rows())).toList();
            float[][] outputs = next.isEmpty() ? new float[0][] : OutputTarget.outputs(model, fields.read(next));
            if (prior != null) {
                float[][] known = new float[outputs.length][];
                for (int i = 0; i < known.length; i++) {
                    known[i] = one.outputs(next.get(i), new double[][] {at(prior[i], step)})[0];
                }
                outputs = one.joined(weights, known, outputs);
            }
            for (int i = 0; i < outputs.length; i++) {
                double[] forecast = one.answers(next.get(i), new float[][] {outputs[i]})[0];
                tables.get(i).add(forecast);
                for (int column = 0; column < forecast.length; column++) {
                    answers[i][column * steps + step] = forecast[column];
                }
            }
        }
        return answers;
    }

    /** Of an answer for all rows that for one, of each column. */
    private double[] at(double[] answer, int step) {
        return IntStream.range(0, columns.size())
                .mapToDouble(column -> answer[column * span() + step])
                .toArray();
    }

    @Override
    public float[][] outputs(Rows rows, double[][] answers) {
        return one.outputs(
                rows, Arrays.stream(answers).map(answer -> at(answer, 0)).toArray(double[][]::new));
    }

    @Override
    public int outputs() {
        return one.outputs();
    }

    @Override
    public List<Layer> head() {
        return one.head();
    }

    @Override
    public String summary() {
        return whole.summary() + ", row by row";
    }

    @Override
    public JsonObject state() {
        return Json.object(ONE, one.state(), WHOLE, whole.state());
    }

    @Override
    public RecursiveTarget restored(JsonFields state) {
        return new RecursiveTarget(
                (NumberTarget) one.restored(state.fields(ONE)),
                (NumberTarget) whole.restored(state.fields(WHOLE)),
                columns);
    }

    @Override
    public RecursiveTarget calibrated(Rows heldBack, double[][] answers) {
        return new RecursiveTarget(one, (NumberTarget) whole.calibrated(heldBack, answers), columns);
    }

    @Override
    public Score score(Rows rows, double[][] answers) {
        return whole.score(rows, answers);
    }

    @Override
    public Score ownScore(Rows rows, double[][] answers) {
        return whole.ownScore(rows, answers);
    }

    @Override
    public List<List<String>> lines(Rows rows, double[][] answers) {
        return whole.lines(rows, answers);
    }

    @Override
    public List<Picture> pictures(Rows rows, double[][] answers) {
        return whole.pictures(rows, answers);
    }
}
