package org.gatefold.recipe.field.series;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.gatefold.file.Json;
import org.gatefold.recipe.field.Score;

/** Scores of forecasts of several series or columns as one, and what intervals held, in words. Stateless. */
public final class SeriesScores {
    static final String INTERVALS = "intervals";
    static final String LEVEL = "level";
    static final String COVERAGE = "coverage";
    static final String MASE = "mase";
    static final String SMAPE = "smape";
    static final String OWA = "owa";

    /** What a score tells of Naive2, by which the OWA is measured. */
    static final String NAIVE = "naive2";

    private static final String CRPS = "crps";

    private SeriesScores() {}

    /**
     * The means of MASE and sMAPE over those parts that have them, and the OWA that follows from these and from those of Naive2, as in the
     * M4 competition (Makridakis et al. 2020); what else is told is each score by itself, and what intervals held in the mean.
     *
     * @param kind what the parts are, for instance {@code "series"}
     * @param parts by name, at least one
     */
    public static Score mean(String kind, Map<String, Score> parts) {
        Map<String, Double> figures = new LinkedHashMap<>();
        List<Double> ratios = new ArrayList<>();
        for (String figure : List.of(MASE, SMAPE)) {
            parts.values().stream()
                    .filter(score -> score.figures().containsKey(figure))
                    .mapToDouble(score -> score.figures().get(figure))
                    .average()
                    .ifPresent(mean -> {
                        figures.put(figure, mean);
                        ratios.add(mean / naive(figure, parts));
                    });
        }
        double owa = ratios.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
        if (Double.isFinite(owa)) {
            figures.put(OWA, owa);
        }
        JsonObject more = new JsonObject();
        more.add(kind, each(kind, parts));
        JsonArray intervals = intervals(parts.values().stream().map(Score::more).toList());
        if (!intervals.isEmpty()) {
            more.add(INTERVALS, intervals);
        }
        return new Score(figures, more);
    }

    /** The mean of a figure of Naive2; NaN where it is not told. */
    private static double naive(String figure, Map<String, Score> parts) {
        return parts.values().stream()
                .filter(score -> score.more().has(NAIVE)
                        && score.more().getAsJsonObject(NAIVE).has(figure))
                .mapToDouble(score -> number(score.more().get(NAIVE), figure))
                .average()
                .orElse(Double.NaN);
    }

    /** Scores one by one, with what all of them have. */
    private static JsonArray each(String kind, Map<String, Score> parts) {
        List<String> common =
                new ArrayList<>(parts.values().iterator().next().figures().keySet());
        parts.values().forEach(score -> common.retainAll(score.figures().keySet()));
        boolean ranked = parts.values().stream().allMatch(score -> score.more().has(CRPS));
        JsonArray all = new JsonArray();
        parts.forEach((name, score) -> {
            JsonObject one = Json.object(kind, name);
            common.forEach(figure -> one.addProperty(figure, score.figures().get(figure)));
            if (ranked) {
                one.add(CRPS, score.more().get(CRPS));
            }
            all.add(one);
        });
        return all;
    }

    private static JsonArray intervals(List<JsonObject> parts) {
        List<JsonArray> told = parts.stream()
                .filter(part -> part.has(INTERVALS))
                .map(part -> part.getAsJsonArray(INTERVALS))
                .toList();
        JsonArray means = new JsonArray();
        for (int i = 0; !told.isEmpty() && i < told.get(0).size(); i++) {
            int level = i;
            double held = told.stream()
                    .mapToDouble(each -> number(each.get(level), COVERAGE))
                    .average()
                    .orElseThrow();
            means.add(Json.object(LEVEL, number(told.get(0).get(i), LEVEL), COVERAGE, held));
        }
        return means;
    }

    private static double number(JsonElement of, String name) {
        return of.getAsJsonObject().get(name).getAsDouble();
    }

    /** What the intervals of a score held, in words; empty if there are none. */
    public static String coverage(Score score) {
        List<String> words = new ArrayList<>();
        if (score.more().has(INTERVALS)) {
            score.more()
                    .getAsJsonArray(INTERVALS)
                    .forEach(level -> words.add(String.format(
                            Locale.ROOT,
                            "the %s %% interval %.1f %%",
                            percent(number(level, LEVEL)),
                            100 * number(level, COVERAGE))));
        }
        return words.isEmpty() ? "" : "of what came " + String.join(", ", words);
    }

    /** A share in percent, for instance {@code "97.5"}. */
    public static String percent(double level) {
        return String.format(Locale.ROOT, "%.4f", 100 * level).replaceAll("\\.?0+$", "");
    }
}
