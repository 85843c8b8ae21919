package org.gatefold.recipe.field.text;

import java.util.Arrays;
import java.util.Locale;
import org.gatefold.recipe.baseline.text.FrequentTag;
import org.gatefold.recipe.baseline.text.KneserNeyBigram;
import org.gatefold.recipe.baseline.text.NGrams;
import org.gatefold.recipe.baseline.text.NaiveBayesSvm;
import org.gatefold.recipe.baseline.text.Unigram;
import org.gatefold.recipe.field.Baseline;
import org.gatefold.recipe.field.Baseline.Attempt;
import org.gatefold.recipe.field.label.Category;

/** What models that read or write text are compared with. */
public final class TextBaselines {
    private TextBaselines() {}

    /** The most frequent tag of each word, for {@link Tags}. */
    public static Baseline frequentTags() {
        return new Baseline("frequent-tag", (fields, training, test) -> {
            Tags tags = (Tags) fields.target();
            FrequentTag method = FrequentTag.fit(tags.words(training), tags.labels(training), tags.outputs());
            double[][] answers = tags.words(test).stream()
                    .map(sentence -> sentence.stream().mapToDouble(method::tag).toArray())
                    .toArray(double[][]::new);
            return new Attempt("of each word", answers);
        });
    }

    /** The share of each token in the training rows, for {@link NextToken}. */
    public static Baseline unigram() {
        return new Baseline("unigram", (fields, training, test) -> {
            NextToken target = (NextToken) fields.target();
            RunningText text = target.text();
            Unigram method = Unigram.fit(
                    RunningText.joined(text.lines(training)), text.vocabulary().size());
            double[] nats = Arrays.stream(RunningText.joined(text.lines(test)))
                    .mapToDouble(token -> -Math.log(method.probability(token)))
                    .toArray();
            return new Attempt("", target.answers(test, nats));
        });
    }

    /** Tokens by the one before them, with interpolated Kneser-Ney smoothing, for {@link NextToken}. */
    public static Baseline kneserNeyBigram() {
        return new Baseline("kneser-ney-bigram", (fields, training, test) -> {
            NextToken target = (NextToken) fields.target();
            RunningText text = target.text();
            KneserNeyBigram method = KneserNeyBigram.fit(
                    text.end(),
                    RunningText.joined(text.lines(training)),
                    text.vocabulary().size());
            int[] tokens = RunningText.joined(text.lines(test));
            int[] before = text.before(tokens);
            double[] nats = new double[tokens.length];
            Arrays.setAll(nats, i -> -Math.log(method.probability(before[i], tokens[i])));
            return new Attempt(
                    String.format(Locale.ROOT, "interpolated, discount %.2f", method.discount()),
                    target.answers(test, nats));
        });
    }

    /** The source as it is, for a {@link Translation}. */
    public static Baseline copy() {
        return new Baseline("copy", (fields, training, test) -> TranslationBaselines.copy(fields, test));
    }

    /** What belongs to the nearest source of the training rows, for a {@link Translation}. */
    public static Baseline nearestSource() {
        return new Baseline("nearest-source", TranslationBaselines::nearest);
    }

    /** Each token by itself, as IBM model 1 finds on the training rows, for a {@link Translation}. */
    public static Baseline wordByWord() {
        return new Baseline("word-by-word", TranslationBaselines::wordByWord);
    }

    /** Multinomial naive Bayes on tokens and pairs of neighbours, for a {@link Category} of a {@link Text}. */
    public static Baseline naiveBayes() {
        return new Baseline("naive-bayes", (fields, training, test) -> {
            double[][] answers = BayesPrior.answers(BayesPrior.method(fields, training), fields, test);
            return new Attempt("tokens and pairs", answers);
        });
    }

    /** {@link NaiveBayesSvm} on n-grams of tokens, for a {@link Category} of a {@link TextInput}. */
    public static Baseline naiveBayesSvm(NGrams grams) {
        return new Baseline(
                "nbsvm",
                (fields, training, test) -> new Attempt(
                        "1 to " + grams.longest() + " tokens",
                        SvmPrior.of(grams).fit(fields, training).answers(fields, test)));
    }
}
