package org.gatefold.cli.output;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.gatefold.device.Copies;
import org.gatefold.recipe.CrossValidation.Spread;
import org.gatefold.recipe.Report;
import org.gatefold.recipe.Report.Comparison;
import org.gatefold.recipe.RunFolder;
import org.gatefold.recipe.field.Score;
import org.gatefold.recipe.field.picture.Picture;

/** A model beside its baselines: a table on the terminal, pictures in the folder of the run, and a part of its page. One thread. */
public record ReportOutput(Report report, String network) {
    /** Draws what there is to be seen into the folder; by title, those that could be drawn. */
    public Map<String, byte[]> draw(RunFolder folder) {
        Map<String, byte[]> drawn = new LinkedHashMap<>();
        for (Picture picture : report.fields().target().pictures(report.test(), report.answers())) {
            Plots.picture(folder.file(picture.file() + ".png"), picture)
                    .ifPresent(png -> drawn.put(picture.title(), png));
        }
        return drawn;
    }

    public void print(PrintWriter out) {
        out.println("test part: " + report.counted());
        Table table = new Table(header().toArray(String[]::new));
        rows().forEach(row -> table.row(row.toArray(String[]::new)));
        table.print(out);
        alone().ifPresent(out::println);
        joined().ifPresent(out::println);
        remark().ifPresent(out::println);
        out.println(verdict());
        if (report.folds() != null) {
            out.println(foldsTitle());
            Table folds = new Table(header().toArray(String[]::new));
            foldRows().forEach(row -> folds.row(row.toArray(String[]::new)));
            folds.print(out);
        }
    }

    private String foldsTitle() {
        return report.folds().folds() + " folds: mean ± deviation, each part tested on after training on the others";
    }

    private List<List<String>> foldRows() {
        List<List<String>> rows = new ArrayList<>();
        rows.add(row("model", report.folds().model()));
        report.folds().baselines().forEach((name, figures) -> rows.add(row(name, figures)));
        return rows;
    }

    private List<String> row(String name, Map<String, Spread> figures) {
        List<String> row = new ArrayList<>();
        row.add(name);
        for (String figure : names()) {
            Spread spread = figures.get(figure);
            row.add(Numbers.shown(spread.mean()) + " ± " + Numbers.shown(spread.deviation()));
        }
        row.add("");
        return row;
    }

    private List<String> names() {
        return List.copyOf(report.model().figures().keySet());
    }

    private List<String> header() {
        List<String> header = new ArrayList<>(names());
        header.add(0, "");
        header.add("");
        return header;
    }

    private List<List<String>> rows() {
        List<String> names = names();
        List<List<String>> rows = new ArrayList<>();
        rows.add(row("model", names, report.model(), network));
        for (Comparison baseline : report.baselines()) {
            rows.add(row(baseline.name(), names, baseline.score(), baseline.detail()));
        }
        return rows;
    }

    private Optional<String> joined() {
        return report.blend().isEmpty() ? Optional.empty() : Optional.of("the model is " + report.blend());
    }

    /** How good each member is by itself. */
    private Optional<String> alone() {
        return report.members().isEmpty()
                ? Optional.empty()
                : Optional.of("its members by themselves: " + names().get(0) + " "
                        + report.members().stream()
                                .map(member -> Numbers.shown(member.first()))
                                .collect(Collectors.joining(", ")));
    }

    private Optional<String> remark() {
        return Optional.of(report.fields().target().remark(report.model())).filter(words -> !words.isEmpty());
    }

    /** The scores on a page. */
    public void addTo(HtmlReport page) {
        page.paragraph("verdict", verdict() + ".")
                .heading("Test part: " + report.counted())
                .table(header(), rows());
        alone().ifPresent(words -> page.paragraph("faint", words));
        joined().ifPresent(words -> page.paragraph("faint", words));
        remark().ifPresent(words -> page.paragraph("faint", words));
        if (report.folds() != null) {
            page.heading(foldsTitle()).table(header(), foldRows());
        }
    }

    /** What the score of the model tells beside its figures, on a page. */
    public void addMoreTo(HtmlReport page) {
        page.more(report.model().more());
    }

    private static List<String> row(String name, List<String> names, Score score, String detail) {
        List<String> row = new ArrayList<>();
        row.add(name);
        for (String figure : names) {
            row.add(score == null ? "-" : Numbers.shown(score.figures().get(figure)));
        }
        row.add(detail);
        return row;
    }

    private String verdict() {
        String figure = names().get(0);
        List<Comparison> better = report.better();
        if (better.isEmpty()) {
            return report.isBest() ? "the model is better than every baseline" : "no baseline is better than the model";
        }
        return "the model is beaten by "
                + better.stream()
                        .map(baseline -> baseline.name() + " (" + figure + " "
                                + Numbers.shown(baseline.score().first()) + ")")
                        .collect(Collectors.joining(" and "));
    }

    /** The copies while training in one line; none where the device works in the host's memory. */
    public static void print(PrintWriter out, Copies copies, String device) {
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
