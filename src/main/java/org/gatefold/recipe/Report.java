package org.gatefold.recipe;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.gatefold.recipe.field.Baseline;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Score;
import org.gatefold.recipe.field.Target;

/**
 * A model beside its baselines on the test part. Immutable as long as nobody writes the answers.
 *
 * @param fields what the model reads and answers
 * @param test the rows that were answered
 * @param answers of the model
 * @param model its score
 * @param members the score of each member in place of the mean of all; empty for a model of one
 * @param blend how prior and network were joined, in words; empty without a prior
 * @param baselines on the same rows
 * @param folds how good model and baselines are by cross-validation; null without
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Report(
        Fields fields,
        Rows test,
        double[][] answers,
        Score model,
        List<Score> members,
        String blend,
        List<Comparison> baselines,
        CrossValidation folds) {
    /**
     * One baseline.
     *
     * @param name for instance {@code "majority"}
     * @param detail what was found or chosen for it, or why there is no score; may be empty
     * @param score null if the method does not apply
     */
    public record Comparison(String name, String detail, Score score) {}

    /**
     * Measures a model, and baselines that are made from training rows alone.
     *
     * @param training all training rows, those held back among them
     */
    static Report of(
            Fields fields,
            Rows training,
            Rows test,
            double[][] answers,
            List<Score> members,
            String blend,
            List<Baseline> baselines) {
        Target target = fields.target();
        List<Comparison> comparisons = new ArrayList<>();
        for (Baseline baseline : baselines) {
            Baseline.Attempt attempt = baseline.method().attempt(fields, training, test);
            comparisons.add(new Comparison(
                    baseline.name(),
                    attempt.detail(),
                    attempt.answers() == null ? null : target.score(test, attempt.answers())));
        }
        return new Report(fields, test, answers, target.ownScore(test, answers), members, blend, comparisons, null);
    }

    /** The same with what cross-validation tells. */
    Report with(CrossValidation validated) {
        return new Report(fields, test, answers, model, members, blend, baselines, validated);
    }

    /** What was tested, in words, for instance {@code "397 rows"}. */
    public String counted() {
        return fields.target().counted(test.size());
    }

    /** The baselines that are better than the model by the figure that decides. */
    public List<Comparison> better() {
        return baselines.stream()
                .filter(baseline -> baseline.score() != null && isBetter(baseline.score()))
                .toList();
    }

    private boolean isBetter(Score other) {
        return fields.target().higherIsBetter() ? other.first() > model.first() : other.first() < model.first();
    }

    /** True if no baseline is as good as the model. */
    public boolean isBest() {
        return better().isEmpty()
                && baselines.stream()
                        .noneMatch(baseline ->
                                baseline.score() != null && baseline.score().first() == model.first());
    }

    /** All scores, for {@code metrics.json}. */
    JsonObject json() {
        JsonObject ours = json(model);
        ours.addProperty("rows", test.size());
        if (!blend.isEmpty()) {
            ours.addProperty("blend", blend);
        }
        model.more().entrySet().forEach(entry -> ours.add(entry.getKey(), entry.getValue()));
        JsonObject others = new JsonObject();
        for (Comparison baseline : baselines) {
            JsonObject other = baseline.score() == null ? new JsonObject() : json(baseline.score());
            if (!baseline.detail().isEmpty()) {
                other.addProperty("detail", baseline.detail());
            }
            others.add(baseline.name(), other);
        }
        JsonObject json = new JsonObject();
        json.add("test", ours);
        if (!members.isEmpty()) {
            JsonArray each = new JsonArray();
            members.forEach(member -> each.add(json(member)));
            json.add("members", each);
        }
        json.add("baselines", others);
        if (folds != null) {
            json.add("folds", folds.json());
        }
        return json;
    }

    private static JsonObject json(Score score) {
        JsonObject json = new JsonObject();
        score.figures().forEach(json::addProperty);
        return json;
    }
}
