package org.gatefold.recipe.field.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.baseline.text.NaiveBayes;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Prior;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.label.Category;

/**
 * {@link NaiveBayes} on the tokens of a {@link Text}, for a {@link Category}. It is far too sure of itself, since neighbouring
 * words are not independent: how much of it is taken is for {@link Category#blend} to find.
 */
public final class BayesPrior implements Prior {
    private static final String TEXTS = "texts";
    private static final String COUNTS = "counts";
    /** Most tokens and pairs that are kept; so many are some megabytes of a model file. */
    private static final int MOST_FEATURES = 200_000;

    private final NaiveBayes method;

    private BayesPrior(NaiveBayes method) {
        this.method = method;
    }

    /** One that is not yet fitted. */
    public static BayesPrior create() {
        return new BayesPrior(null);
    }

    /** The method fitted to rows of which some may have a class that is not known, and are left out. */
    static NaiveBayes method(Fields fields, Rows training) {
        Category category = (Category) fields.target();
        Rows labelled = category.known(training);
        return NaiveBayes.fit(TextInput.tokens(fields, labelled), category.labels(labelled), category.outputs());
    }

    /** The probabilities that a method gives. */
    static double[][] answers(NaiveBayes method, Fields fields, Rows rows) {
        return TextInput.tokens(fields, rows).stream()
                .map(method::probabilities)
                .toArray(double[][]::new);
    }

    @Override
    public BayesPrior fit(Fields fields, Rows training) {
        return new BayesPrior(method(fields, training).limitedTo(MOST_FEATURES));
    }

    @Override
    public double[][] answers(Fields fields, Rows rows) {
        return answers(method, fields, rows);
    }

    @Override
    public String name() {
        return "naive Bayes";
    }

    /** Counts stand before their feature, which may hold blanks. */
    @Override
    public JsonObject state() {
        JsonArray counts = new JsonArray();
        StringBuilder line = new StringBuilder();
        method.counts().forEach((feature, seen) -> {
            line.setLength(0);
            for (int count : seen) {
                line.append(count).append(' ');
            }
            counts.add(line.append(feature).toString());
        });
        JsonArray texts = new JsonArray();
        Arrays.stream(method.texts()).forEach(texts::add);
        return Json.object(TEXTS, texts, COUNTS, counts);
    }

    @Override
    public BayesPrior restored(JsonFields state) {
        int[] texts = state.integers(TEXTS, 0, Integer.MAX_VALUE).stream()
                .mapToInt(Integer::intValue)
                .toArray();
        Map<String, int[]> counts = new LinkedHashMap<>();
        for (String line : state.textList(COUNTS)) {
            String[] parts = line.split(" ", texts.length + 1);
            try {
                int[] seen = new int[texts.length];
                for (int i = 0; i < seen.length; i++) {
                    seen[i] = Integer.parseInt(parts[i]);
                }
                counts.put(parts[texts.length], seen);
            } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
                throw state.wrong(COUNTS, "expected " + texts.length + " counts and a feature, got '" + line + "'", e);
            }
        }
        try {
            return new BayesPrior(NaiveBayes.of(counts, texts));
        } catch (IllegalArgumentException e) {
            throw state.wrong(COUNTS, e.getMessage(), e);
        }
    }
}
