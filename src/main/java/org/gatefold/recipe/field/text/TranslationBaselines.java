package org.gatefold.recipe.field.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gatefold.recipe.baseline.text.NearestText;
import org.gatefold.recipe.baseline.text.WordTranslation;
import org.gatefold.recipe.field.Baseline;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Rows;

/** Simple methods that a {@link Translation} is compared with. Stateless. */
final class TranslationBaselines {
    /** Pairs of texts that are learnt from, the first ones: so many take seconds. */
    private static final int MOST_PAIRS = 50_000;

    private TranslationBaselines() {}

    private static Rows learnt(Rows training) {
        return training.slice(0, Math.min(MOST_PAIRS, training.size()));
    }

    /** The source as it is. */
    static Baseline.Attempt copy(Fields fields, Rows test) {
        Translation target = (Translation) fields.target();
        double[][] answers = target.sources(test).stream()
                .map(text -> new double[] {Copied.all(text).number()})
                .toArray(double[][]::new);
        return new Baseline.Attempt("the source as it is", answers);
    }

    /** What belongs to the nearest source of the training part. */
    static Baseline.Attempt nearest(Fields fields, Rows training, Rows test) {
        Rows learnt = learnt(training);
        Text source = (Text) fields.input();
        int[][] targets = ((Translation) fields.target()).text().ids(learnt);
        NearestText nearest = NearestText.fit(source.tokens(learnt));
        double[][] answers = source.tokens(test).stream()
                .parallel()
                .map(tokens -> Arrays.stream(targets[nearest.find(tokens)])
                        .asDoubleStream()
                        .toArray())
                .toArray(double[][]::new);
        return new Baseline.Attempt("of the training part, by tf-idf", answers);
    }

    /** Each token by itself. */
    static Baseline.Attempt wordByWord(Fields fields, Rows training, Rows test) {
        Rows learnt = learnt(training);
        Text source = (Text) fields.input();
        int size = source.vocabulary().size();
        WordTranslation words = WordTranslation.fit(
                source.ids(learnt), ((Translation) fields.target()).text().ids(learnt), size);
        List<double[]> answers = new ArrayList<>();
        for (List<String> tokens : source.tokens(test)) {
            answers.add(tokens.stream()
                    .mapToInt(token -> words.translate(source.vocabulary().id(token)))
                    .filter(id -> id != WordTranslation.NONE)
                    .asDoubleStream()
                    .toArray());
        }
        return new Baseline.Attempt("each token by itself, IBM model 1", answers.toArray(double[][]::new));
    }
}
