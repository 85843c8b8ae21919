package org.gatefold.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.gatefold.device.Copies;
import org.gatefold.recipe.Report;
import org.gatefold.recipe.Report.Comparison;
import org.gatefold.recipe.RunFolder;
import org.gatefold.recipe.field.Score;

/** A model beside its baselines: a table on the terminal, and a picture in the folder of the run. One thread. */
final class ReportOutput {
    private final Report report;
    private final String network;

    ReportOutput(Report report, String network) {
        this.report = report;
        this.network = network;
    }

    void draw(RunFolder folder) {
        report.fields()
                .target()
                .curve(report.test(), report.answers())
                .ifPresent(curve -> Plots.curve(folder.file(curve.file() + ".png"), curve));
    }

    void print(PrintWriter out) {
        out.println("test part: " + report.counted());
        List<String> names = List.copyOf(report.model().figures().keySet());
        List<String> header = new ArrayList<>(names);
        header.add(0, "");
        header.add("");
        Table table = new Table(header.toArray(String[]::new));
        table.row(row("model", names, report.model(), network));
        for (Comparison baseline : report.baselines()) {
            table.row(row(baseline.name(), names, baseline.score(), baseline.detail()));
        }
        table.print(out);
        if (!report.blend().isEmpty()) {
            out.println("the model is " + report.blend());
        }
        out.println(verdict(names.get(0)));
    }

    private static String[] row(String name, List<String> names, Score score, String detail) {
        List<String> row = new ArrayList<>();
        row.add(name);
        for (String figure : names) {
            row.add(score == null ? "-" : number(score.figures().get(figure)));
        }
        row.add(detail);
        return row.toArray(String[]::new);
    }

    private String verdict(String figure) {
        List<Comparison> better = report.better();
        if (better.isEmpty()) {
            return report.isBest() ? "the model is better than every baseline" : "no baseline is better than the model";
        }
        return "the model is beaten by "
                + better.stream()
                        .map(baseline -> baseline.name() + " (" + figure + " "
                                + number(baseline.score().first()) + ")")
                        .collect(Collectors.joining(" and "));
    }

    private static String number(double value) {
        double size = Math.abs(value);
        int digits = size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4;
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }

    /** The copies while training in one line; none where the device works in the host's memory. */
    static void print(PrintWriter out, Copies copies, String device) {
        if (!copies.equals(Copies.NONE)) {
            out.print(String.format(
                    Locale.ROOT,
                    "copies while training: %,d to %s (%,d bytes), %,d back (%,d bytes)%n",
                    copies.uploads(),
                    device,
                    copies.uploadedBytes(),
                    copies.downloads(),
                    copies.downloadedBytes()));
        }
    }
}
