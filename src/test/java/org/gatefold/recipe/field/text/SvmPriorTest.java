package org.gatefold.recipe.field.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.gatefold.data.table.Table;
import org.gatefold.data.text.Tokenizer;
import org.gatefold.file.FileException;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.baseline.text.NGrams;
import org.gatefold.recipe.baseline.text.NaiveBayesSvm;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Tables;
import org.gatefold.recipe.field.label.Category;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SvmPriorTest {
    private static final Table TEXTS =
            Tables.csv("text,label", "very good,pos", "good,pos", "not good,neg", "bad,neg", "odd,other");
    private static final SvmPrior METHOD = SvmPrior.of(new NGrams(2));

    private static final SvmPrior BOTH = METHOD.withCharacters(new NGrams(3));

    private static Fields fields() {
        return fields(METHOD);
    }

    private static Fields fields(SvmPrior prior) {
        return new Fields(List.of(Text.column("text", Tokenizer.WORDS, 10, 1)), Category.column("label"), prior);
    }

    private static JsonFields saved(String json) {
        return JsonFields.parse("saved", json);
    }

    @Test
    void answersAsBeforeItWasSaved() {
        Fields fields = fields().fit(Rows.of(TEXTS, 0, 1, 2, 3));
        double[][] answers = fields.prior().answers(fields, Rows.all(TEXTS));
        assertThat(answers[1][1]).isGreaterThan(0.5);
        assertThat(answers[2][0]).isGreaterThan(0.5);
        SvmPrior again = METHOD.restored(saved(fields.prior().state().toString()));
        assertThat(again.answers(fields, Rows.all(TEXTS))).isDeepEqualTo(answers);
    }

    /** Words that no text to train on has are known by their parts, and what both say of others is added. */
    @Test
    void runsOfCharactersAnswerBesideTokens() {
        Rows training = Rows.of(TEXTS, 0, 1, 2, 3);
        Table asked = Tables.csv("text,label", "goodly verily,pos", "Baddish,neg", "very good,pos");
        Fields words = fields().fit(training);
        Fields both = fields(BOTH).fit(training);
        double[][] byWords = words.prior().answers(words, Rows.all(asked));
        double[][] byBoth = both.prior().answers(both, Rows.all(asked));
        assertThat(byWords[0]).isEqualTo(byWords[1]);
        assertThat(byBoth[0][1]).isGreaterThan(byWords[0][1] + 0.01);
        assertThat(byBoth[1][0]).isGreaterThan(byWords[1][0] + 0.01);
        NaiveBayesSvm characters = NaiveBayesSvm.fit(
                new NGrams(3),
                1000,
                TEXTS.text("text").subList(0, 4).stream()
                        .map(Tokenizer.CHARACTERS::tokens)
                        .toList(),
                new int[] {1, 1, 0, 0},
                2);
        double[] more = characters.probabilities(Tokenizer.CHARACTERS.tokens("very good"));
        double odds = byWords[2][1] * more[1] / (byWords[2][0] * more[0]);
        assertThat(byBoth[2][1]).isCloseTo(odds / (1 + odds), within(1e-9));
        assertThat(both.prior().name()).isEqualTo("linear classifiers of words and characters");
        SvmPrior again = BOTH.restored(saved(both.prior().state().toString()));
        assertThat(again.answers(both, Rows.all(asked))).isDeepEqualTo(byBoth);
    }

    /** What was saved before there were runs of characters, and is fitted again at the end of a run, stays as it was. */
    @Test
    void olderOnesHaveTokensAlone() {
        Fields fields = fields().fit(Rows.of(TEXTS, 0, 1, 2, 3));
        SvmPrior old = BOTH.restored(saved(fields.prior().state().toString()));
        assertThat(old.answers(fields, Rows.all(TEXTS)))
                .isDeepEqualTo(fields.prior().answers(fields, Rows.all(TEXTS)));
        assertThat(old.name()).isEqualTo("a linear classifier");
        assertThat(old.fit(fields, Rows.of(TEXTS, 0, 1, 2, 3)).state())
                .isEqualTo(fields.prior().state());
    }

    /** Runs of so many would take more memory than they are worth. */
    @Test
    void ofVeryLongTextsTokensAreEnough() {
        String many = "word ".repeat(1_000_001);
        Table texts = Tables.csv("text,label", many + ",pos", many + ",neg");
        Fields fields = fields(BOTH).fit(Rows.all(texts));
        assertThat(fields.prior().state().has("characters")).isFalse();
    }

    /** Their class is none of those that are answered. */
    @Test
    void rowsOfOtherClassesAreLeftOut() {
        Fields known = fields().fit(Rows.of(TEXTS, 0, 1, 2, 3));
        assertThat(METHOD.fit(known, Rows.all(TEXTS)).state())
                .isEqualTo(known.prior().state());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"biases\": \"0 x\", \"weights\": []}|saved: biases: expected a number, got 'x'",
                "{\"biases\": \"0 1\", \"weights\": [\"1 2\"]}|saved: weights: expected 2 numbers and an n-gram, got '1 2'",
                "{\"biases\": \"0 1\", \"weights\": [\"1 y a\"]}|saved: weights: expected a number, got 'y'",
                "{\"biases\": \"0 1\", \"weights\": [\"1 NaN a\"]}|saved: weights: weights: expected 2 finite ones for 'a',"
                        + " got [1.0, NaN]",
                "{\"biases\": \"0 1\", \"weights\": [], \"characters\": {\"biases\": \"0 1\", \"weights\": [\"1 y a\"]}}"
                        + "|saved: characters.weights: expected a number, got 'y'",
                "{\"biases\": \"0\", \"weights\": []}|saved: weights: biases: expected finite ones of at least 2 classes, got [0.0]",
            })
    void damageIsNamed(String json, String message) {
        assertThatExceptionOfType(FileException.class)
                .isThrownBy(() -> BOTH.restored(saved(json)))
                .withMessage(message);
    }
}
