package org.gatefold.recipe.field.panel;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.gatefold.data.table.Table;
import org.gatefold.file.JsonFields;
import org.gatefold.layer.Layer;
import org.gatefold.model.Model;
import org.gatefold.recipe.field.Baseline;
import org.gatefold.recipe.field.Blend;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Score;
import org.gatefold.recipe.field.picture.Picture;
import org.gatefold.recipe.field.recursion.RecursiveTarget;
import org.gatefold.recipe.field.series.DelegatingTarget;
import org.gatefold.recipe.field.series.NumberTarget;
import org.gatefold.recipe.field.series.SeriesScores;
import org.gatefold.train.loss.Loss;

/**
 * A target that is fitted to each series of a {@link PanelTable} by itself, so that one network forecasts all of them, each in a scale of its
 * own. Figures are means over the series.
 */
public final class PanelTarget implements DelegatingTarget {
    private static final String SERIES = "series";

    private final NumberTarget target;
    private final Map<String, NumberTarget> fitted;

    private PanelTarget(NumberTarget target, Map<String, NumberTarget> fitted) {
        this.target = target;
        this.fitted = fitted;
    }

    /** A target as each series is forecast. */
    public static PanelTarget of(NumberTarget target) {
        return new PanelTarget(target, Map.of());
    }

    /** What is read and answered of one series. */
    static Fields fields(Fields all, Parts.Part part) {
        return new Fields(
                all.inputs().stream()
                        .map(input -> input instanceof PanelInput each ? each.of(part) : input)
                        .toList(),
                ((PanelTarget) all.target()).of(part),
                all.prior() instanceof PanelPrior each ? each.of(part) : null);
    }

    private NumberTarget of(Parts.Part part) {
        return Parts.known(fitted, part);
    }

    @Override
    public NumberTarget shown() {
        return target;
    }

    @Override
    public PanelTarget fit(Rows training) {
        return new PanelTarget(target, Parts.fitted(training, rows -> (NumberTarget) target.fit(rows)));
    }

    @Override
    public Rows examples(Rows rows) {
        int[] chosen = Parts.of(rows).stream()
                .flatMapToInt(part -> {
                    int first = rows.index(part.places()[0]) - part.rows().index(0);
                    return IntStream.of(target.examples(part.rows()).indices()).map(row -> first + row);
                })
                .toArray();
        return Rows.of(rows.table(), chosen);
    }

    @Override
    public float[][] learnt(Rows rows) {
        return Parts.each(rows, new float[rows.size()][], part -> of(part).learnt(part.rows()));
    }

    @Override
    public Loss loss() {
        return target.loss();
    }

    @Override
    public float[][] located(float[][] outputs) {
        return target.located(outputs);
    }

    @Override
    public float[][] joined(Blend weights, float[][] prior, float[][] network) {
        return target.joined(weights, prior, network);
    }

    @Override
    public double[][] answers(Model model, Fields fields, Rows rows) {
        return target instanceof RecursiveTarget
                ? Parts.each(rows, new double[rows.size()][], part -> of(part).answers(
                                model, fields(fields, part), part.rows()))
                : DelegatingTarget.super.answers(model, fields, rows);
    }

    @Override
    public double[][] answers(Model model, Fields fields, Rows rows, Blend weights) {
        return target instanceof RecursiveTarget
                ? Parts.each(rows, new double[rows.size()][], part -> of(part).answers(
                                model, fields(fields, part), part.rows(), weights))
                : DelegatingTarget.super.answers(model, fields, rows, weights);
    }

    @Override
    public double[][] answers(Rows rows, float[][] outputs) {
        return Parts.each(rows, new double[rows.size()][], part -> of(part).answers(
                        part.rows(), part.of(outputs, float[][]::new)));
    }

    @Override
    public float[][] outputs(Rows rows, double[][] answers) {
        return Parts.each(rows, new float[rows.size()][], part -> of(part).outputs(
                        part.rows(), part.of(answers, double[][]::new)));
    }

    @Override
    public int outputs() {
        return target.outputs();
    }

    @Override
    public List<Layer> head() {
        return target.head();
    }

    @Override
    public JsonObject state() {
        return Parts.state(fitted, NumberTarget::state);
    }

    @Override
    public PanelTarget restored(JsonFields state) {
        return new PanelTarget(target, Parts.restored(state, saved -> (NumberTarget) target.restored(saved)));
    }

    @Override
    public List<Baseline> baselines() {
        return PanelBaselines.of(target.baselines());
    }

    /** The rows behind the last of each series, or all that may be forecast. */
    @Override
    public Rows asked(Table table, boolean known) {
        int behind = table instanceof PanelTable panel ? panel.series().size() : 1;
        return Rows.range(table, known ? 0 : table.rows(), table.rows() + behind);
    }

    @Override
    public String warning(Rows rows) {
        List<String> warnings = Parts.of(rows).stream()
                .map(part -> {
                    String words = target.warning(part.rows());
                    return words.isEmpty() ? "" : "series '" + part.name() + "': " + words;
                })
                .filter(words -> !words.isEmpty())
                .toList();
        return warnings.size() < 2
                ? String.join("", warnings)
                : warnings.get(0) + " (and of " + (warnings.size() - 1) + " more series)";
    }

    @Override
    public PanelTarget calibrated(Rows heldBack, double[][] answers) {
        return new PanelTarget(target, Parts.changed(fitted, heldBack, (one, part) ->
                (NumberTarget) one.calibrated(part.rows(), part.of(answers, double[][]::new))));
    }

    @Override
    public Score score(Rows rows, double[][] answers) {
        return score(rows, answers, false);
    }

    @Override
    public Score ownScore(Rows rows, double[][] answers) {
        return score(rows, answers, true);
    }

    private Score score(Rows rows, double[][] answers, boolean own) {
        Map<String, Score> scores = new LinkedHashMap<>();
        for (Parts.Part part : Parts.of(rows)) {
            double[][] ours = part.of(answers, double[][]::new);
            scores.put(part.name(), own ? of(part).ownScore(part.rows(), ours) : of(part).score(part.rows(), ours));
        }
        return SeriesScores.mean(SERIES, scores);
    }

    @Override
    public String counted(int rows) {
        return target.counted(rows) + ", of " + fitted.size() + " series; figures are means over the series";
    }

    /** As of the series that tells most: one without rows held back has no intervals. */
    @Override
    public List<String> header() {
        List<String> header = new ArrayList<>(List.of(SERIES));
        header.addAll(fitted.values().stream()
                .map(NumberTarget::header)
                .reduce((a, b) -> a.size() >= b.size() ? a : b)
                .orElseGet(target::header));
        return header;
    }

    @Override
    public List<List<String>> lines(Rows rows, double[][] answers) {
        int width = header().size();
        List<List<String>> lines = new ArrayList<>();
        for (Parts.Part part : Parts.of(rows)) {
            for (List<String> line : of(part).lines(part.rows(), part.of(answers, double[][]::new))) {
                List<String> whole = new ArrayList<>(List.of(part.name()));
                whole.addAll(line);
                while (whole.size() < width) {
                    whole.add("");
                }
                lines.add(whole);
            }
        }
        return lines;
    }

    @Override
    public List<Picture> pictures(Rows rows, double[][] answers) {
        Map<String, List<Picture>> drawn = new LinkedHashMap<>();
        for (Parts.Part part : Parts.of(rows)) {
            if (drawn.size() == NumberedPictures.MOST) {
                break;
            }
            drawn.put(part.name(), of(part).pictures(part.rows(), part.of(answers, double[][]::new)));
        }
        return NumberedPictures.of(drawn);
    }
}
