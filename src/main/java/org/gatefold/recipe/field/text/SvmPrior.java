package org.gatefold.recipe.field.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.gatefold.data.text.Tokenizer;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.baseline.Probabilities;
import org.gatefold.recipe.baseline.text.NGrams;
import org.gatefold.recipe.baseline.text.NaiveBayesSvm;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Prior;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.label.Category;

/**
 * {@link NaiveBayesSvm} on the tokens of a {@link TextInput}, for a {@link Category}; where that is asked for, one of runs of characters too,
 * which knows words by their parts, and what both give is added. What it calls probabilities are none: how much of it is taken is for
 * {@link Category#blend} to find.
 */
public final class SvmPrior implements Prior {
    private static final String BIASES = "biases";
    private static final String WEIGHTS = "weights";
    private static final String CHARACTERS = "characters";

    /** Most n-grams that are kept, and most weights of them; so many are some megabytes of a model file. */
    private static final int MOST_FEATURES = 200_000;

    private static final int MOST_WEIGHTS = 1_000_000;

    /** Most characters of texts whose runs are looked at, which take some hundred megabytes. */
    private static final long MOST_CHARACTERS = 10_000_000;

    private final Machine ofTokens;

    /** Null for none. */
    private final Machine ofCharacters;

    /** What runs are counted; fitted unless the method is null. */
    private record Machine(NGrams grams, NaiveBayesSvm method) {
        Machine fit(List<List<String>> texts, int[] labels, int classes) {
            int most = Math.min(MOST_FEATURES, MOST_WEIGHTS / classes);
            return new Machine(grams, NaiveBayesSvm.fit(grams, most, texts, labels, classes));
        }

        /** Weights stand before their n-gram, which may hold blanks. */
        JsonObject state() {
            JsonArray weights = new JsonArray();
            method.weights().forEach((gram, each) -> weights.add(written(each) + " " + gram));
            return Json.object(BIASES, written(method.biases()), WEIGHTS, weights);
        }
    }

    private SvmPrior(Machine ofTokens, Machine ofCharacters) {
        this.ofTokens = ofTokens;
        this.ofCharacters = ofCharacters;
    }

    /** One of tokens alone that is not yet fitted. */
    public static SvmPrior of(NGrams grams) {
        return new SvmPrior(new Machine(grams, null), null);
    }

    /** This with runs of characters beside, where the rows to train on have ten million characters at most. */
    public SvmPrior withCharacters(NGrams runs) {
        return new SvmPrior(ofTokens, new Machine(runs, null));
    }

    @Override
    public SvmPrior fit(Fields fields, Rows training) {
        Category category = (Category) fields.target();
        Rows labelled = category.known(training);
        int[] labels = category.labels(labelled);
        List<List<String>> tokens = TextInput.tokens(fields, labelled);
        boolean looked = ofCharacters != null
                && TextInput.texts(fields, labelled).stream()
                                .mapToLong(String::length)
                                .sum()
                        <= MOST_CHARACTERS;
        return new SvmPrior(
                ofTokens.fit(tokens, labels, category.outputs()),
                looked ? ofCharacters.fit(characters(fields, labelled), labels, category.outputs()) : null);
    }

    private static List<List<String>> characters(Fields fields, Rows rows) {
        return TextInput.texts(fields, rows).stream()
                .map(Tokenizer.CHARACTERS::tokens)
                .toList();
    }

    @Override
    public double[][] answers(Fields fields, Rows rows) {
        double[][] scores = TextInput.tokens(fields, rows).stream()
                .map(ofTokens.method()::scores)
                .toArray(double[][]::new);
        if (ofCharacters != null) {
            List<List<String>> characters = characters(fields, rows);
            for (int i = 0; i < scores.length; i++) {
                double[] more = ofCharacters.method().scores(characters.get(i));
                for (int label = 0; label < more.length; label++) {
                    scores[i][label] += more[label];
                }
            }
        }
        return Arrays.stream(scores).map(Probabilities::ofLogarithms).toArray(double[][]::new);
    }

    @Override
    public String name() {
        return ofCharacters == null ? "a linear classifier" : "linear classifiers of words and characters";
    }

    @Override
    public JsonObject state() {
        JsonObject state = ofTokens.state();
        if (ofCharacters != null) {
            state.add(CHARACTERS, ofCharacters.state());
        }
        return state;
    }

    private static String written(float... values) {
        StringJoiner line = new StringJoiner(" ");
        for (float value : values) {
            line.add(Float.toString(value));
        }
        return line.toString();
    }

    /** Runs from before there were those of characters have none of these, and fit none. */
    @Override
    public SvmPrior restored(JsonFields state) {
        boolean looked = ofCharacters != null && state.has(CHARACTERS);
        return new SvmPrior(
                restored(ofTokens.grams(), state),
                looked ? restored(ofCharacters.grams(), state.fields(CHARACTERS)) : null);
    }

    private static Machine restored(NGrams grams, JsonFields state) {
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
            return new Machine(grams, NaiveBayesSvm.of(grams, weights, biases));
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
