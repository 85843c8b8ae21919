package org.gatefold.recipe.field.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.baseline.text.NGrams;
import org.gatefold.recipe.baseline.text.NaiveBayesSvm;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Prior;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.label.Category;

/**
 * {@link NaiveBayesSvm} on the tokens of a {@link TextInput}, for a {@link Category}. What it calls probabilities are none: how much of it is
 * taken is for {@link Category#blend} to find.
 */
public final class SvmPrior implements Prior {
    private static final String BIASES = "biases";
    private static final String WEIGHTS = "weights";

    /** Most n-grams that are kept, and most weights of them; so many are some megabytes of a model file. */
    private static final int MOST_FEATURES = 200_000;

    private static final int MOST_WEIGHTS = 1_000_000;

    private final NGrams grams;
    private final NaiveBayesSvm method;

    private SvmPrior(NGrams grams, NaiveBayesSvm method) {
        this.grams = grams;
        this.method = method;
    }

    /** One that is not yet fitted. */
    public static SvmPrior of(NGrams grams) {
        return new SvmPrior(grams, null);
    }

    @Override
    public SvmPrior fit(Fields fields, Rows training) {
        Category category = (Category) fields.target();
        Rows labelled = category.known(training);
        int most = Math.min(MOST_FEATURES, MOST_WEIGHTS / category.outputs());
        return new SvmPrior(
                grams,
                NaiveBayesSvm.fit(
                        grams,
                        most,
                        TextInput.tokens(fields, labelled),
                        category.labels(labelled),
                        category.outputs()));
    }

    @Override
    public double[][] answers(Fields fields, Rows rows) {
        return TextInput.tokens(fields, rows).stream()
                .map(method::probabilities)
                .toArray(double[][]::new);
    }

    @Override
    public String name() {
        return "a linear classifier";
    }

    /** Weights stand before their n-gram, which may hold blanks. */
    @Override
    public JsonObject state() {
        JsonArray weights = new JsonArray();
        method.weights().forEach((gram, each) -> weights.add(written(each) + " " + gram));
        return Json.object(BIASES, written(method.biases()), WEIGHTS, weights);
    }

    private static String written(float... values) {
        StringJoiner line = new StringJoiner(" ");
        for (float value : values) {
            line.add(Float.toString(value));
        }
        return line.toString();
    }

    @Override
    public SvmPrior restored(JsonFields state) {
        float[] biases = read(state, BIASES, state.text(BIASES).split(" "));
        Map<String, float[]> weights = new LinkedHashMap<>();
        for (String line : state.textList(WEIGHTS)) {
            String[] parts = line.split(" ", biases.length + 1);
            if (parts.length <= biases.length) {
                throw state.wrong(
                        WEIGHTS, "expected " + biases.length + " numbers and an n-gram, got '" + line + "'", null);
            }
            weights.put(parts[biases.length], read(state, WEIGHTS, Arrays.copyOf(parts, biases.length)));
        }
        try {
            return new SvmPrior(grams, NaiveBayesSvm.of(grams, weights, biases));
        } catch (IllegalArgumentException e) {
            throw state.wrong(WEIGHTS, e.getMessage(), e);
        }
    }

    private static float[] read(JsonFields state, String field, String... numbers) {
        float[] values = new float[numbers.length];
        for (int i = 0; i < values.length; i++) {
            try {
                values[i] = Float.parseFloat(numbers[i]);
            } catch (NumberFormatException e) {
                throw state.wrong(field, "expected a number, got '" + numbers[i] + "'", e);
            }
        }
        return values;
    }
}
