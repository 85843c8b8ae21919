package org.gatefold.recipe.field.series;

import com.google.gson.JsonObject;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.gatefold.data.table.DateSteps;
import org.gatefold.data.table.Table;
import org.gatefold.data.transform.Scaler;
import org.gatefold.data.transform.SeriesTransform;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.baseline.series.SeasonalNaive;
import org.gatefold.recipe.field.Baseline;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Score;
import org.gatefold.recipe.field.picture.Curve;
import org.gatefold.recipe.field.picture.Picture;

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
    private static final String ERRORS = "errors";
    private static final String YARDSTICK = "yardstick";
    private static final String INTERVALS = "intervals";

    /** Rows that the evenness of errors is told by where there is no season. */
    private static final int BLOCK = 8;

    private final Numeric series;
    private final int steps;
    private final Ways ways;
    private final Fit fit;

    /**
     * How answers are made and shown.
     *
     * @param change whether the model answers the change against the last known row
     * @param dates the column of dates; null for none
     * @param period rows in a season; 0 to find it in the training rows
     * @param levels shares of what comes that intervals are to hold
     * @param knownBefore columns whose row before a forecast must not have been filled
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Ways(boolean change, String dates, int period, double[] levels, List<String> knownBefore) {}

    /**
     * What the training rows told, and rows held back.
     *
     * @param yardstick null before it is fitted, and of models that were saved without
     * @param intervals null before they are calibrated
     */
    private record Fit(double changeScale, ErrorScale errorScale, Yardstick yardstick, ConformalIntervals intervals) {}

    private Horizon(Numeric series, int steps, Ways ways, Fit fit) {
        this.series = series;
        this.steps = steps;
        this.ways = ways;
        this.fit = fit;
    }

    private Horizon with(Ways changed) {
        return new Horizon(series, steps, changed, fit);
    }

    /**
     * The next rows of a column.
     *
     * @param steps at least 1
     */
    public static Horizon of(Numeric series, int steps) {
        return new Horizon(
                series,
                steps,
                new Ways(false, null, 0, new double[0], List.of()),
                new Fit(1, ErrorScale.EVEN, null, null));
    }

    /** Lets the model answer the change against the last known row, divided by the deviation of changes. */
    public Horizon asChange(boolean value) {
        return with(new Ways(value, ways.dates, ways.period, ways.levels, ways.knownBefore));
    }

    /** Names rows by a column of dates, in tables that have it; null for none. */
    public Horizon dated(String column) {
        return with(new Ways(ways.change, column, ways.period, ways.levels, ways.knownBefore));
    }

    /** Rows in a season; 0 to find it in the training rows, as is done by default. */
    public Horizon period(int rows) {
        return with(new Ways(ways.change, ways.dates, rows, ways.levels, ways.knownBefore));
    }

    /**
     * Tells intervals beside forecasts, where rows are held back.
     *
     * @param shares of what comes that they are to hold, above 0 and below 1; may be none
     */
    public Horizon intervals(double... shares) {
        return with(new Ways(ways.change, ways.dates, ways.period, shares.clone(), ways.knownBefore));
    }

    /**
     * Leaves out forecasts from behind a row that was filled in one of these columns, as by a line to the value that comes then; filled
     * rows of the column that is forecast are left out anyway, in tables that tell them.
     */
    public Horizon knownBefore(List<String> columns) {
        return with(new Ways(ways.change, ways.dates, ways.period, ways.levels, List.copyOf(columns)));
    }

    @Override
    public String name() {
        return series.name();
    }

    @Override
    public Rows examples(Rows rows) {
        return Filled.without(rows, name(), steps, ways.knownBefore);
    }

    @Override
    public Horizon fit(Rows training) {
        Numeric fitted = series.fit(training);
        double[] values = training.numbers(name());
        int season =
                ways.period > 0 ? ways.period : SeasonalNaive.findPeriod(values).orElse(1);
        return new Horizon(
                fitted,
                steps,
                ways,
                new Fit(
                        ways.change ? deviationOfChange(fitted, values) : 1,
                        ErrorScale.fit(values, season == 1 ? BLOCK : season),
                        Yardstick.fit(values, season),
                        null));
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
                targets[i][step] = (float) (((float) scaled[first + step] - base) / fit.changeScale);
            }
        }
        return targets;
    }

    private double base(double[] scaled, int first) {
        return ways.change ? scaled[first - 1] : 0;
    }

    @Override
    public int before() {
        return series.before() + (ways.change ? 1 : 0);
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
        state.addProperty(CHANGE, fit.changeScale);
        state.add(ERRORS, fit.errorScale.state());
        if (fit.yardstick != null) {
            state.add(YARDSTICK, fit.yardstick.state());
        }
        if (fit.intervals != null) {
            state.add(INTERVALS, fit.intervals.state());
        }
        return state;
    }

    @Override
    public Horizon restored(JsonFields state) {
        return new Horizon(
                series.restored(state.fields(SERIES)),
                steps,
                ways,
                new Fit(
                        state.number(CHANGE, Double.MIN_VALUE),
                        state.has(ERRORS) ? ErrorScale.restored(state.fields(ERRORS)) : ErrorScale.EVEN,
                        state.has(YARDSTICK) ? Yardstick.restored(state.fields(YARDSTICK)) : null,
                        state.has(INTERVALS) ? ConformalIntervals.restored(state.fields(INTERVALS), steps) : null));
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
        return SeriesBaselines.forecasts(0);
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
                transformed[step] = series.scaler().restore(outputs[i][step] * fit.changeScale + base);
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
            double[] forecast = series.forward(values, row, possible(values, row, answers[i]));
            for (int step = 0; step < steps; step++) {
                outputs[i][step] = (float) ((forecast[step] - base) / fit.changeScale);
            }
        }
        return outputs;
    }

    /** Rows that were filled, and the first date that is not after the one before it. */
    @Override
    public String warning(Rows test) {
        return Stream.of(filled(test.table()), disorder(test.table()))
                .filter(words -> !words.isEmpty())
                .collect(Collectors.joining("; "));
    }

    private String filled(Table table) {
        int count = Filled.count(table, name());
        return count == 0
                ? ""
                : count + " of " + table.rows() + " rows have no value in '" + name()
                        + "'; what they were filled with is neither learnt nor tested";
    }

    /** Rows are taken in the order in which they stand. */
    private String disorder(Table table) {
        OptionalInt row = isDated(table) ? DateSteps.firstOutOfOrder(table.dates(ways.dates)) : OptionalInt.empty();
        return row.isEmpty()
                ? ""
                : table.where(row.getAsInt(), ways.dates) + ": '"
                        + table.text(ways.dates).get(row.getAsInt()) + "' comes after '"
                        + table.text(ways.dates).get(row.getAsInt() - 1)
                        + "'; rows are taken in the order in which they stand";
    }

    @Override
    public boolean isCalibrated() {
        return ways.levels.length > 0;
    }

    @Override
    public Horizon calibrated(Rows heldBack, double[][] answers) {
        return new Horizon(
                series,
                steps,
                ways,
                new Fit(
                        fit.changeScale,
                        fit.errorScale,
                        fit.yardstick,
                        ConformalIntervals.fit(fit.errorScale, ways.levels, came(heldBack), answers)));
    }

    /** What came, {@code [row][step]}. */
    public double[][] came(Rows rows) {
        double[] values = rows.table().numbers(name());
        return Arrays.stream(rows.indices())
                .mapToObj(row -> Arrays.copyOfRange(values, row, row + steps))
                .toArray(double[][]::new);
    }

    @Override
    public Score score(Rows rows, double[][] answers) {
        Score score = NumberTarget.super.score(rows, answers);
        if (fit.yardstick == null) {
            return score;
        }
        Map<String, Double> figures = new LinkedHashMap<>(score.figures());
        figures.putAll(fit.yardstick.figures(rows.table().numbers(name()), rows.indices(), answers));
        score.more()
                .add(SeriesScores.NAIVE, fit.yardstick.ofNaive(rows.table().numbers(name()), rows.indices(), steps));
        return new Score(figures, score.more());
    }

    @Override
    public Score ownScore(Rows rows, double[][] answers) {
        Score score = score(rows, answers);
        if (fit.intervals != null) {
            fit.intervals.figures(came(rows), answers).entrySet().forEach(entry -> score.more()
                    .add(entry.getKey(), entry.getValue()));
        }
        return score;
    }

    @Override
    public String remark(Score score) {
        return SeriesScores.coverage(score);
    }

    /**
     * Forecasts of a method that knows nothing of the logarithm or square root that is taken: what these do not take counts as the
     * smallest value that came before.
     */
    private double[] possible(double[] values, int row, double... answer) {
        List<SeriesTransform> transforms = series.transforms().steps();
        boolean bounded = !transforms.isEmpty() && transforms.get(0).lost() == 0;
        if (!bounded || Arrays.stream(answer).allMatch(value -> value > 0)) {
            return answer;
        }
        double least = Arrays.stream(values, 0, row).min().orElse(0);
        return Arrays.stream(answer).map(value -> Math.max(value, least)).toArray();
    }

    @Override
    public String counted(int rows) {
        return rows + " forecasts of " + (steps == 1 ? "the next row" : "the next " + steps + " rows")
                + ", each from the true values before it";
    }

    @Override
    public List<String> header() {
        List<String> header = new ArrayList<>(List.of("row", "step", "actual", FORECAST));
        for (int i = 0; fit.intervals != null && i < fit.intervals.count(); i++) {
            header.add("lo-" + fit.intervals.percent(i));
            header.add("hi-" + fit.intervals.percent(i));
        }
        return header;
    }

    @Override
    public List<List<String>> lines(Rows rows, double[][] answers) {
        Table table = rows.table();
        double[] values = table.numbers(name());
        IntFunction<String> label = isDated(table) ? table.text(ways.dates)::get : row -> Integer.toString(row + 1);
        List<String> beyond = beyond(table);
        boolean[] filled = Filled.rows(table, name());
        List<List<String>> lines = new ArrayList<>();
        for (int i = 0; i < answers.length; i++) {
            List<double[]> ends = ends(answers[i]);
            for (int step = 0; step < steps; step++) {
                int row = rows.index(i) + step;
                boolean known = row < values.length;
                List<String> line = new ArrayList<>(List.of(
                        known ? label.apply(row) : beyond.get(row - values.length),
                        Integer.toString(step + 1),
                        known && !filled[row] ? Double.toString(values[row]) : "",
                        Double.toString(answers[i][step])));
                for (double[] end : ends) {
                    line.add(Double.toString(end[step]));
                }
                lines.add(line);
            }
        }
        return lines;
    }

    /** What the rows behind the last are called: by their dates, where these go on evenly. */
    private List<String> beyond(Table table) {
        if (isDated(table) && table instanceof KnownAhead ahead) {
            List<String> dates = ahead.textAhead(ways.dates);
            if (dates.size() >= table.rows() + steps) {
                return dates.subList(table.rows(), table.rows() + steps);
            }
        }
        Optional<List<String>> following = isDated(table)
                ? DateSteps.following(table.text(ways.dates), table.dates(ways.dates), steps)
                : Optional.empty();
        return following.orElseGet(() ->
                IntStream.rangeClosed(1, steps).mapToObj(step -> "+" + step).toList());
    }

    /** The lower and upper ends of the intervals round a forecast, level by level. */
    private List<double[]> ends(double... forecast) {
        List<double[]> ends = new ArrayList<>();
        for (int i = 0; fit.intervals != null && i < fit.intervals.count(); i++) {
            ends.addAll(List.of(fit.intervals.bounds(i, forecast)));
        }
        return ends;
    }

    private boolean isDated(Table table) {
        return ways.dates != null && table.has(ways.dates);
    }

    @Override
    public Optional<String> kept() {
        return Optional.of(FORECAST);
    }

    /** The last step of every forecast, and the widest of its intervals. */
    @Override
    public List<Picture> pictures(Rows rows, double[][] answers) {
        Table table = rows.table();
        double[] values = table.numbers(name());
        List<LocalDateTime> days = isDated(table) ? table.dates(ways.dates) : null;
        List<Object> places = new ArrayList<>();
        List<Double> truth = new ArrayList<>();
        List<Double> forecasts = new ArrayList<>();
        List<Double> low = new ArrayList<>();
        List<Double> high = new ArrayList<>();
        int widest = fit.intervals == null ? 0 : fit.intervals.widest();
        for (int i = Math.max(0, answers.length - MOST_DRAWN); i < answers.length; i++) {
            int row = rows.index(i) + steps - 1;
            places.add(
                    days == null ? (Object) (row + 1) : Date.from(days.get(row).toInstant(ZoneOffset.UTC)));
            truth.add(values[row]);
            forecasts.add(answers[i][steps - 1]);
            if (fit.intervals != null) {
                double[][] bounds = fit.intervals.bounds(widest, answers[i]);
                low.add(bounds[0][steps - 1]);
                high.add(bounds[1][steps - 1]);
            }
        }
        return List.of(new Curve(
                FORECAST,
                steps == 1 ? "One step ahead, test part" : steps + " steps ahead, test part",
                days == null ? "row" : ways.dates,
                name(),
                places,
                truth,
                forecasts,
                low.isEmpty() ? null : new Curve.Band(fit.intervals.percent(widest) + " % interval", low, high)));
    }
}
