package org.gatefold.recipe.field;

import com.google.gson.JsonObject;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import org.gatefold.data.table.Table;
import org.gatefold.data.transform.Scaler;
import org.gatefold.data.transform.SeriesTransform;
import org.gatefold.file.JsonFields;

/**
 * The next rows of a column, forecast from those before: a row and those behind it, as many as the horizon has steps. Every
 * forecast starts from the true values before it. Answers are numbers in the scale of the data, one a step.
 */
public final class Horizon implements NumberTarget {
    /** More answers than this make a curve unreadable; the latest are drawn. */
    private static final int MOST_DRAWN = 600;

    private static final String FORECAST = "forecast";
    private static final String SERIES = "series";
    private static final String CHANGE = "changeScale";

    private final Numeric series;
    private final int steps;
    private final boolean change;
    private final String dates;
    private final double changeScale;

    private Horizon(Numeric series, int steps, boolean change, String dates, double changeScale) {
        this.series = series;
        this.steps = steps;
        this.change = change;
        this.dates = dates;
        this.changeScale = changeScale;
    }

    /**
     * The next rows of a column.
     *
     * @param steps at least 1
     */
    public static Horizon of(Numeric series, int steps) {
        return new Horizon(series, steps, false, null, 1);
    }

    /** Lets the model answer the change against the last known row, divided by the deviation of changes. */
    public Horizon asChange(boolean value) {
        return new Horizon(series, steps, value, dates, 1);
    }

    /** Names rows by a column of dates, in tables that have it; null for none. */
    public Horizon dated(String column) {
        return new Horizon(series, steps, change, column, changeScale);
    }

    @Override
    public String name() {
        return series.name();
    }

    @Override
    public Horizon fit(Rows training) {
        Numeric fitted = series.fit(training);
        double[] values = training.numbers(name());
        return new Horizon(fitted, steps, change, dates, change ? deviationOfChange(fitted, values) : 1);
    }

    private static double deviationOfChange(Numeric series, double... values) {
        SeriesTransform difference = new SeriesTransform.Difference(1);
        double[] scaled = series.scaled(values);
        double[] changes = difference.apply(scaled);
        double rounding = series.transforms().rounding(values) / series.scaler().scale();
        return Scaler.fit(Scaler.Kind.STANDARD, changes, 0, changes.length, difference.rounding(scaled, rounding))
                .scale();
    }

    @Override
    public float[][] learnt(Rows rows) {
        double[] scaled = series.scaled(rows.table().numbers(name()));
        float[][] targets = new float[rows.size()][steps];
        for (int i = 0; i < targets.length; i++) {
            int first = rows.index(i) - series.before();
            double base = base(scaled, first);
            for (int step = 0; step < steps; step++) {
                targets[i][step] = (float) (((float) scaled[first + step] - base) / changeScale);
            }
        }
        return targets;
    }

    private double base(double[] scaled, int first) {
        return change ? scaled[first - 1] : 0;
    }

    @Override
    public int before() {
        return series.before() + (change ? 1 : 0);
    }

    @Override
    public int span() {
        return steps;
    }

    @Override
    public String summary() {
        return "horizon " + steps + ", " + series.summary();
    }

    @Override
    public JsonObject state() {
        JsonObject state = new JsonObject();
        state.add(SERIES, series.state());
        state.addProperty(CHANGE, changeScale);
        return state;
    }

    @Override
    public Horizon restored(JsonFields state) {
        return new Horizon(
                series.restored(state.fields(SERIES)), steps, change, dates, state.number(CHANGE, Double.MIN_VALUE));
    }

    @Override
    public boolean isKnown(Table table) {
        return series.isKnown(table);
    }

    @Override
    public int outputs() {
        return steps;
    }

    @Override
    public List<Baseline> baselines() {
        return Baseline.forecasts(0);
    }

    /** The row behind the last, or all that may be forecast: those with too few rows before them are left out later. */
    @Override
    public Rows asked(Table table, boolean known) {
        return known ? Rows.range(table, 0, table.rows() + 1) : Rows.of(table, table.rows());
    }

    @Override
    public double[][] answers(Rows rows, float[][] outputs) {
        double[] values = rows.table().numbers(name());
        double[] scaled = series.scaled(values);
        double[][] answers = new double[outputs.length][];
        for (int i = 0; i < answers.length; i++) {
            int row = rows.index(i);
            double base = base(scaled, row - series.before());
            double[] transformed = new double[steps];
            for (int step = 0; step < steps; step++) {
                transformed[step] = series.scaler().restore(outputs[i][step] * changeScale + base);
            }
            answers[i] = series.restored(values, row, transformed);
        }
        return answers;
    }

    @Override
    public float[][] outputs(Rows rows, double[][] answers) {
        double[] values = rows.table().numbers(name());
        double[] scaled = series.scaled(values);
        float[][] outputs = new float[answers.length][steps];
        for (int i = 0; i < answers.length; i++) {
            int row = rows.index(i);
            double base = base(scaled, row - series.before());
            double[] forecast = series.forward(values, row, answers[i]);
            for (int step = 0; step < steps; step++) {
                outputs[i][step] = (float) ((forecast[step] - base) / changeScale);
            }
        }
        return outputs;
    }

    @Override
    public String counted(int rows) {
        return rows + " forecasts of " + (steps == 1 ? "the next row" : "the next " + steps + " rows")
                + ", each from the true values before it";
    }

    @Override
    public List<String> header() {
        return List.of("row", "step", "actual", FORECAST);
    }

    @Override
    public List<List<String>> lines(Rows rows, double[][] answers) {
        Table table = rows.table();
        double[] values = table.numbers(name());
        IntFunction<String> label = isDated(table) ? table.text(dates)::get : row -> Integer.toString(row + 1);
        List<List<String>> lines = new ArrayList<>();
        for (int i = 0; i < answers.length; i++) {
            for (int step = 0; step < steps; step++) {
                int row = rows.index(i) + step;
                boolean known = row < values.length;
                lines.add(List.of(
                        known ? label.apply(row) : "+" + (row - values.length + 1),
                        Integer.toString(step + 1),
                        known ? Double.toString(values[row]) : "",
                        Double.toString(answers[i][step])));
            }
        }
        return lines;
    }

    private boolean isDated(Table table) {
        return dates != null && table.has(dates);
    }

    @Override
    public Optional<String> kept() {
        return Optional.of(FORECAST);
    }

    /** The last step of every forecast. */
    @Override
    public List<Picture> pictures(Rows rows, double[][] answers) {
        Table table = rows.table();
        double[] values = table.numbers(name());
        List<LocalDateTime> days = isDated(table) ? table.dates(dates) : null;
        List<Object> places = new ArrayList<>();
        List<Double> truth = new ArrayList<>();
        List<Double> forecasts = new ArrayList<>();
        for (int i = Math.max(0, answers.length - MOST_DRAWN); i < answers.length; i++) {
            int row = rows.index(i) + steps - 1;
            places.add(
                    days == null ? (Object) (row + 1) : Date.from(days.get(row).toInstant(ZoneOffset.UTC)));
            truth.add(values[row]);
            forecasts.add(answers[i][steps - 1]);
        }
        return List.of(new Curve(
                FORECAST,
                steps == 1 ? "One step ahead, test part" : steps + " steps ahead, test part",
                days == null ? "row" : dates,
                name(),
                places,
                truth,
                forecasts));
    }
}
