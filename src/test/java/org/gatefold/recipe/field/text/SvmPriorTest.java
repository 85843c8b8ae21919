package org.gatefold.recipe.field.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import org.gatefold.data.table.Table;
import org.gatefold.data.text.Tokenizer;
import org.gatefold.file.FileException;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.baseline.text.NGrams;
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

    private static Fields fields() {
        return new Fields(List.of(Text.column("text", Tokenizer.WORDS, 10, 1)), Category.column("label"), METHOD);
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
                "{\"biases\": \"0\", \"weights\": []}|saved: weights: biases: expected finite ones of at least 2 classes, got [0.0]",
            })
    void damageIsNamed(String json, String message) {
        assertThatExceptionOfType(FileException.class)
                .isThrownBy(() -> METHOD.restored(saved(json)))
                .withMessage(message);
    }
}
