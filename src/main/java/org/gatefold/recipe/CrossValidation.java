package org.gatefold.recipe;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.recipe.field.Score;

/**
 * How good a recipe and its baselines are by cross-validation: mean and deviation of the figures on parts of the rows, each after training
 * on all others. Immutable.
 *
 * @param folds the number of parts
 * @param model by the name of the figure
 * @param baselines those that apply to all parts, by name, and each by the name of the figure
 */
public record CrossValidation(int folds, Map<String, Spread> model, Map<String, Map<String, Spread>> baselines) {
    /**
     * A figure on all parts.
     *
     * @param mean of the parts, each of which counts alike
     * @param deviation the sample's standard deviation, with one less than there are parts below
     * @param each in the order of the parts
     */
    public record Spread(double mean, double deviation, List<Double> each) {
        static Spread of(List<Double> each) {
            double mean = each.stream().mapToDouble(value -> value).average().orElseThrow();
            double squares = each.stream()
                    .mapToDouble(value -> (value - mean) * (value - mean))
                    .sum();
            return new Spread(mean, Math.sqrt(squares / (each.size() - 1)), List.copyOf(each));
        }

        private JsonObject json() {
            JsonObject json = new JsonObject();
            json.addProperty("mean", mean);
            json.addProperty("deviation", deviation);
            JsonArray parts = new JsonArray();
            each.forEach(parts::add);
            json.add("each", parts);
            return json;
        }
    }

    /** @return null if there are no parts */
    static CrossValidation of(List<Report> parts) {
        if (parts.isEmpty()) {
            return null;
        }
        Map<String, Map<String, Spread>> baselines = new LinkedHashMap<>();
        for (int i = 0; i < parts.get(0).baselines().size(); i++) {
            int place = i;
            List<Report.Comparison> all =
                    parts.stream().map(part -> part.baselines().get(place)).toList();
            if (all.stream().allMatch(baseline -> baseline.score() != null)) {
                baselines.put(
                        all.get(0).name(),
                        spreads(all.stream().map(Report.Comparison::score).toList()));
            }
        }
        return new CrossValidation(
                parts.size(), spreads(parts.stream().map(Report::model).toList()), baselines);
    }

    private static Map<String, Spread> spreads(List<Score> scores) {
        Map<String, Spread> spreads = new LinkedHashMap<>();
        for (String figure : scores.get(0).figures().keySet()) {
            spreads.put(
                    figure,
                    Spread.of(scores.stream()
                            .map(score -> score.figures().get(figure))
                            .toList()));
        }
        return spreads;
    }

    /** For {@code metrics.json}. */
    JsonObject json() {
        JsonObject json = new JsonObject();
        json.addProperty("count", folds);
        json.add("model", json(model));
        JsonObject others = new JsonObject();
        baselines.forEach((name, figures) -> others.add(name, json(figures)));
        json.add("baselines", others);
        return json;
    }

    private static JsonObject json(Map<String, Spread> figures) {
        JsonObject json = new JsonObject();
        figures.forEach((name, spread) -> json.add(name, spread.json()));
        return json;
    }
}
