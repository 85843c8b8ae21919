package org.gatefold.recipe.field.series;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gatefold.data.table.Table;
import org.gatefold.data.transform.Scaler;
import org.gatefold.data.transform.TransformChain;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.field.Baseline;
import org.gatefold.recipe.field.Rows;

/**
 * A column of numbers, transformed and scaled: read by a {@link Series}, forecast by a {@link Horizon}, or answered for
 * every row. Answers are numbers in the scale of the data.
 */
public final class Numeric implements NumberTarget {
    private static final String OFFSET = "offset";
    private static final String SCALE = "scale";

    private final String column;
    private final TransformChain transforms;
    private final Scaler.Kind scaling;
    private final Scaler scaler;

    private Numeric(String column, TransformChain transforms, Scaler.Kind scaling, Scaler scaler) {
        this.column = column;
        this.transforms = transforms;
        this.scaling = scaling;
        this.scaler = scaler;
    }

    /** A column, brought to mean 0 and deviation 1. */
    public static Numeric column(String name) {
        return new Numeric(name, TransformChain.of(), Scaler.Kind.STANDARD, null);
    }

    /** How it is scaled. */
    public Numeric scaled(Scaler.Kind kind) {
        return new Numeric(column, transforms, kind, null);
    }

    /** What is done before scaling, where rows follow each other in time. */
    public Numeric transformed(TransformChain chain) {
        return new Numeric(column, chain, scaling, null);
    }

    @Override
    public String name() {
        return column;
    }

    @Override
    public Numeric fit(Rows training) {
        double[] values = training.numbers(column);
        double[] transformed = transforms.apply(values);
        return new Numeric(
                column,
                transforms,
                scaling,
                Scaler.fit(scaling, transformed, 0, transformed.length, transforms.rounding(values)));
    }

    TransformChain transforms() {
        return transforms;
    }

    Scaler scaler() {
        if (scaler == null) {
            throw new IllegalStateException("field '" + column + "': fit it before rows are encoded");
        }
        return scaler;
    }

    /** Numbers, transformed and scaled; the first of them that transforms lose are not there. */
    double[] scaled(double... values) {
        return scaler().scale(transforms.apply(values));
    }

    @Override
    public float[][] learnt(Rows rows) {
        double[] scaled = scaled(rows.table().numbers(column));
        float[][] numbers = new float[rows.size()][];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = new float[] {(float) scaled[rows.index(i) - before()]};
        }
        return numbers;
    }

    @Override
    public int before() {
        return transforms.lost();
    }

    @Override
    public String summary() {
        return "scaling " + scaling.label()
                + (transforms.steps().isEmpty() ? "" : " after " + String.join(", ", transforms.labels()));
    }

    @Override
    public JsonObject state() {
        JsonObject state = new JsonObject();
        keep(scaler(), state);
        return state;
    }

    /** Saves what {@link #scaler(Scaler.Kind, JsonFields)} reads. */
    static void keep(Scaler scaler, JsonObject state) {
        state.addProperty(OFFSET, scaler.offset());
        state.addProperty(SCALE, scaler.scale());
    }

    @Override
    public Numeric restored(JsonFields state) {
        return new Numeric(column, transforms, scaling, scaler(scaling, state));
    }

    /** Columns as they were fitted when their states were saved as a list. */
    static List<Numeric> restored(List<Numeric> columns, JsonFields state, String list) {
        List<JsonFields> states = state.listOf(columns.size(), list);
        List<Numeric> restored = new ArrayList<>();
        for (int i = 0; i < states.size(); i++) {
            restored.add(columns.get(i).restored(states.get(i)));
        }
        return restored;
    }

    /** A scaler whose offset and scale were saved. */
    static Scaler scaler(Scaler.Kind kind, JsonFields state) {
        return new Scaler(kind, state.number(OFFSET, -Double.MAX_VALUE), state.number(SCALE, Double.MIN_VALUE));
    }

    @Override
    public boolean isKnown(Table table) {
        return table.has(column);
    }

    @Override
    public int outputs() {
        return 1;
    }

    @Override
    public List<Baseline> baselines() {
        return List.of(SeriesBaselines.mean());
    }

    @Override
    public double[][] answers(Rows rows, float[][] outputs) {
        // A table that is to be answered need not have the column, unless rows are answered from those before.
        double[] values =
                before() == 0 ? new double[rows.table().rows()] : rows.table().numbers(column);
        double[][] answers = new double[outputs.length][];
        for (int i = 0; i < answers.length; i++) {
            answers[i] = restored(values, rows.index(i), scaler().restore(outputs[i][0]));
        }
        return answers;
    }

    @Override
    public float[][] outputs(Rows rows, double[][] answers) {
        double[] values =
                before() == 0 ? new double[rows.table().rows()] : rows.table().numbers(column);
        float[][] outputs = new float[answers.length][];
        for (int i = 0; i < answers.length; i++) {
            outputs[i] = new float[] {(float) forward(values, rows.index(i), answers[i])[0]};
        }
        return outputs;
    }

    /** Numbers of a row and those after it, transformed by those before and scaled. */
    double[] forward(double[] values, int row, double... answers) {
        double[] known = Arrays.copyOfRange(values, row - before(), row + answers.length);
        System.arraycopy(answers, 0, known, before(), answers.length);
        return scaled(known);
    }

    /** Transformed numbers of a row and those after it, led back to the scale of the data. */
    double[] restored(double[] values, int row, double... transformed) {
        return transforms.restore(Arrays.copyOfRange(values, row - before(), row), transformed);
    }

    @Override
    public List<String> header() {
        return List.of("row", column, "actual");
    }

    @Override
    public List<List<String>> lines(Rows rows, double[][] answers) {
        boolean known = isKnown(rows.table());
        List<List<String>> lines = new ArrayList<>();
        for (int i = 0; i < answers.length; i++) {
            lines.add(List.of(
                    Integer.toString(rows.index(i) + 1),
                    Double.toString(answers[i][0]),
                    known ? rows.table().text(column).get(rows.index(i)) : ""));
        }
        return lines;
    }
}
