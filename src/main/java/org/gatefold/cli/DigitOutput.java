package org.gatefold.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.gatefold.recipe.ClassificationScore;
import org.gatefold.recipe.RecipeJson;
import org.gatefold.recipe.RunFolder;
import org.gatefold.recipe.digits.DigitReport;
import org.gatefold.recipe.digits.DigitReport.BaselineResult;

/** What a run of {@code train digits} leaves behind: files in its folder and a table on the terminal. One thread. */
final class DigitOutput {
    private final DigitReport report;

    DigitOutput(DigitReport report) {
        this.report = report;
    }

    void write(RunFolder folder, RunMetrics run) throws IOException {
        JsonObject metrics = metrics();
        run.addTo(metrics);
        folder.write("metrics.json", RecipeJson.write(metrics) + "\n");
        HistoryTable.write(folder, run.history());
        Plots.training(folder.file("training.png"), run.history().epochs());
    }

    private JsonObject metrics() {
        JsonObject test = score(report.test());
        test.addProperty(
                "rows",
                Arrays.stream(report.confusion()).flatMapToInt(Arrays::stream).sum());
        JsonArray confusion = new JsonArray();
        for (int[] counts : report.confusion()) {
            JsonArray row = new JsonArray();
            Arrays.stream(counts).forEach(row::add);
            confusion.add(row);
        }
        test.add("confusion", confusion);
        JsonObject baselines = new JsonObject();
        report.baselines().forEach(baseline -> baselines.add(baseline.name(), score(baseline.score())));
        JsonObject metrics = new JsonObject();
        metrics.add("test", test);
        metrics.add("baselines", baselines);
        return metrics;
    }

    private static JsonObject score(ClassificationScore score) {
        JsonObject object = new JsonObject();
        object.addProperty("accuracy", score.accuracy());
        object.addProperty("f1", score.f1());
        return object;
    }

    void print(PrintWriter out) {
        Table table = new Table("test part", "accuracy", "f1", "");
        table.row(
                "model", number(report.test().accuracy()), number(report.test().f1()), "bidirectional LSTM");
        for (BaselineResult baseline : report.baselines()) {
            table.row(
                    baseline.name(),
                    number(baseline.score().accuracy()),
                    number(baseline.score().f1()),
                    baseline.detail());
        }
        table.print(out);
        List<BaselineResult> better = report.better();
        out.println(
                better.isEmpty()
                        ? "no baseline is better than the model"
                        : "the model is beaten by "
                                + better.stream()
                                        .map(baseline -> baseline.name() + " (accuracy "
                                                + number(baseline.score().accuracy()) + ")")
                                        .collect(Collectors.joining(" and ")));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }
}
