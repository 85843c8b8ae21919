package org.gatefold.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.gatefold.recipe.RecipeJson;
import org.gatefold.recipe.RunFolder;
import org.gatefold.recipe.forecast.ForecastError;
import org.gatefold.recipe.forecast.ForecastReport;
import org.gatefold.recipe.forecast.ForecastReport.BaselineResult;
import org.gatefold.recipe.forecast.Series;

/** What a run of {@code train forecast} leaves behind: files in its folder and a table on the terminal. One thread. */
final class ForecastOutput {
    /** More forecasts than this make a plot unreadable; the latest are drawn. */
    private static final int MOST_DRAWN = 600;

    private final Series series;
    private final ForecastReport report;

    ForecastOutput(Series series, ForecastReport report) {
        this.series = series;
        this.report = report;
    }

    void write(RunFolder folder, RunMetrics run) throws IOException {
        JsonObject metrics = metrics();
        run.addTo(metrics);
        folder.write("metrics.json", RecipeJson.write(metrics) + "\n");
        HistoryTable.write(folder, run.history());
        folder.writeTable("forecast.csv", header(), rows());
        Plots.training(folder.file("training.png"), run.history().epochs());
        plot(folder);
    }

    private JsonObject metrics() {
        JsonObject baselines = new JsonObject();
        for (BaselineResult baseline : report.baselines()) {
            JsonObject result = new JsonObject();
            if (baseline.error() != null) {
                add(result, baseline.error());
            }
            if (!baseline.detail().isEmpty()) {
                result.addProperty("detail", baseline.detail());
            }
            baselines.add(baseline.name(), result);
        }
        JsonObject test = new JsonObject();
        add(test, report.test());
        test.addProperty("rows", report.origins().length);
        if (report.byStep().size() > 1) {
            JsonArray steps = new JsonArray();
            report.byStep().forEach(error -> steps.add(error.rmse()));
            test.add("rmseByStep", steps);
        }
        JsonObject metrics = new JsonObject();
        metrics.add("test", test);
        metrics.add("baselines", baselines);
        return metrics;
    }

    private static void add(JsonObject object, ForecastError error) {
        object.addProperty("rmse", error.rmse());
        object.addProperty("mae", error.mae());
    }

    private List<String> header() {
        return List.of("row", "step", "actual", "forecast");
    }

    private List<List<String>> rows() {
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < report.origins().length; i++) {
            for (int step = 0; step < report.forecasts()[i].length; step++) {
                int row = report.origins()[i] + step;
                rows.add(List.of(
                        series.label(row),
                        Integer.toString(step + 1),
                        Double.toString(series.values()[row]),
                        Double.toString(report.forecasts()[i][step])));
            }
        }
        return rows;
    }

    private void plot(RunFolder folder) throws IOException {
        int count = Math.min(MOST_DRAWN, report.origins().length);
        int skipped = report.origins().length - count;
        int last = report.byStep().size() - 1;
        List<Object> axis = new ArrayList<>();
        double[] truth = new double[count];
        double[] forecast = new double[count];
        for (int i = 0; i < count; i++) {
            int row = report.origins()[skipped + i] + last;
            axis.add(
                    series.dates() == null
                            ? (Object) (row + 1)
                            : Date.from(series.dates().get(row).toInstant(ZoneOffset.UTC)));
            truth[i] = series.values()[row];
            forecast[i] = report.forecasts()[skipped + i][last];
        }
        String title = last == 0 ? "One step ahead, test part" : (last + 1) + " steps ahead, test part";
        Plots.forecast(
                folder.file("forecast.png"),
                title,
                series.dates() == null ? "row" : series.dateColumn(),
                series.target(),
                axis,
                truth,
                forecast);
    }

    void print(PrintWriter out) {
        out.println("test part: " + report.origins().length + " forecasts of "
                + (report.byStep().size() == 1
                        ? "the next row"
                        : "the next " + report.byStep().size() + " rows")
                + ", each from the true values before it");
        Table table = new Table("", "rmse", "mae", "");
        table.row("model", number(report.test().rmse()), number(report.test().mae()), "LSTM");
        for (BaselineResult baseline : report.baselines()) {
            ForecastError error = baseline.error();
            table.row(
                    baseline.name(),
                    error == null ? "-" : number(error.rmse()),
                    error == null ? "-" : number(error.mae()),
                    baseline.detail());
        }
        table.print(out);
        out.println(verdict());
    }

    private String verdict() {
        List<BaselineResult> better = report.better();
        if (better.isEmpty()) {
            return "the model is better than every baseline";
        }
        return "the model is beaten by "
                + better.stream()
                        .map(baseline -> baseline.name() + " (rmse "
                                + number(baseline.error().rmse()) + ")")
                        .collect(Collectors.joining(" and "));
    }

    private static String number(double value) {
        double size = Math.abs(value);
        int digits = size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4;
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }
}
