package org.gatefold.recipe.field.label;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import java.util.Map;
import java.util.stream.IntStream;
import org.gatefold.data.table.Table;
import org.gatefold.file.FileException;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.field.Blend;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Score;
import org.gatefold.recipe.field.Tables;
import org.gatefold.recipe.field.picture.Grid;
import org.gatefold.recipe.field.picture.Picture;
import org.junit.jupiter.api.Test;

class CategoryTest {
    private static final int ROUNDS = 200;
    private static final Table WORDS = Tables.csv("id,kind", "1,b", "2,a", "3,b", "4,c");

    private static double[][] certain(Category category, int... classes) {
        double[][] answers = new double[classes.length][];
        for (int i = 0; i < classes.length; i++) {
            answers[i] = category.certainly(classes[i]);
        }
        return answers;
    }

    @Test
    void classesAreThoseOfTheTrainingRows() {
        Category category = Category.column("kind").fit(Rows.range(WORDS, 0, 3));
        assertThat(category.outputs()).isEqualTo(2);
        assertThat(category.labels(Rows.all(WORDS))).containsExactly(1, 0, 1, -1);
        assertThat(category.known(Rows.all(WORDS)).indices()).containsExactly(0, 1, 2);
    }

    @Test
    void numbersAreOrderedAsNumbers() {
        Category category = Category.column("kind").fit(Rows.all(Tables.csv("id,kind", "1,10", "2,9", "3,100")));
        assertThat(category.state().toString()).isEqualTo("{\"classes\":[\"9\",\"10\",\"100\"]}");
    }

    @Test
    void declaredClassesAreAllThereAre() {
        Category category = Category.column("kind").of("a", "b").fit(Rows.all(WORDS));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> category.encode(Rows.all(WORDS)))
                .withMessage("test.csv, line 5, column 'kind': expected one of a, b, got 'c'");
    }

    @Test
    void oneClassIsNothingToLearn() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Category.column("kind").fit(Rows.range(WORDS, 0, 1)))
                .withMessage(
                        "test.csv, column 'kind': expected at least 2 classes among the rows to train on, got [b]");
    }

    /** Class 0: precision 2/3, recall 1, F1 0.8; class 1: precision 1, recall 1/2, F1 2/3; class 2 does not occur. */
    @Test
    void accuracyAndF1AsByHand() {
        Table table = Tables.csv("id,kind", "1,a", "2,a", "3,b", "4,b");
        Category category = Category.column("kind").of("a", "b", "c");
        Score score = category.score(Rows.all(table), certain(category, 0, 0, 0, 1));
        assertThat(score.figures().get("accuracy")).isEqualTo(0.75);
        assertThat(score.figures().get("f1")).isEqualTo((0.8 + 2.0 / 3) / 2, within(1e-12));
        assertThat(score.more().get("confusion")).hasToString("[[2,0,0],[1,1,0],[0,0,0]]");
        assertThat(score.more().getAsJsonArray("classes").get(1))
                .hasToString("{\"class\":\"b\",\"rows\":2,\"precision\":1.0,\"recall\":0.5,\"f1\":0.6666666666666666}");
    }

    /**
     * Log loss: the mean of -ln of 0.9, 0.6 and 0.35. Calibration: one row of confidence 0.9 and right, and in the bin of 0.6 to 0.7 one
     * right and one (of class b, answered a with 0.65) wrong: (|0.9 - 1| + |0.6 + 0.65 - 1|) / 3.
     */
    @Test
    void probabilitiesAreMeasuredAsByHand() {
        Table table = Tables.csv("id,kind", "1,a", "2,b", "3,b");
        Category category = Category.column("kind").of("a", "b");
        JsonObject more = category.score(Rows.all(table), new double[][] {{0.9, 0.1}, {0.4, 0.6}, {0.65, 0.35}})
                .more();
        assertThat(more.get("logLoss").getAsDouble())
                .isEqualTo(-(Math.log(0.9) + Math.log(0.6) + Math.log(0.35)) / 3, within(1e-12));
        assertThat(more.get("calibrationError").getAsDouble()).isEqualTo((0.1 + 0.25) / 3, within(1e-12));
    }

    @Test
    void theConfusionIsDrawnUnlessThereAreTooManyClasses() {
        Category category = Category.column("kind").fit(Rows.range(WORDS, 0, 3));
        Picture picture = category.pictures(Rows.all(WORDS), certain(category, 1, 0, 1, 1))
                .get(0);
        assertThat(picture).isInstanceOfSatisfying(Grid.class, grid -> {
            assertThat(grid.rows()).containsExactly("a", "b", "(other)");
            assertThat(grid.values()).isDeepEqualTo(new double[][] {{1, 0, 0}, {0, 2, 0}, {0, 1, 0}});
        });
        Category many = Category.column("kind")
                .of(IntStream.range(0, 41).mapToObj(Integer::toString).toArray(String[]::new));
        assertThat(many.pictures(Rows.all(Tables.csv("id,kind", "1,7")), certain(many, 7)))
                .isEmpty();
    }

    @Test
    void aClassThatNoTrainingRowHasIsAnsweredWrongly() {
        Category category = Category.column("kind").fit(Rows.range(WORDS, 0, 3));
        Score score = category.score(Rows.all(WORDS), certain(category, 1, 0, 1, 1));
        assertThat(score.figures().get("accuracy")).isEqualTo(0.75);
        assertThat(score.figures().get("f1")).isEqualTo((1 + 0.8 + 0) / 3, within(1e-12));
    }

    @Test
    void answersAreProbabilities() {
        Category category = Category.column("kind").fit(Rows.all(WORDS));
        double[][] answers = category.answers(Rows.range(WORDS, 0, 1), new float[][] {{0, (float) Math.log(3), -1000}});
        assertThat(answers[0]).containsExactly(new double[] {0.25, 0.75, 0}, within(1e-6));
        assertThat(category.lines(Rows.range(WORDS, 0, 1), answers).get(0)).containsExactly("1", "b", "0.750000", "b");
    }

    @Test
    void aSavedCategoryIsTheSame() {
        Category category = Category.column("kind").fit(Rows.range(WORDS, 0, 3));
        Category again = Category.column("kind").restored(Tables.saved(category));
        assertThat(again.labels(Rows.all(WORDS))).isEqualTo(category.labels(Rows.all(WORDS)));
        for (Map.Entry<String, String> damage : Map.of(
                        "{}", "state.json: classes: is missing",
                        "{\"classes\":[\"a\"]}", "state.json: classes: expected at least 2, got [a]",
                        "{\"classes\":[\"a\",null]}", "state.json: classes[1]: expected a text, got null")
                .entrySet()) {
            JsonFields state = JsonFields.parse("state.json", damage.getKey());
            assertThatExceptionOfType(FileException.class)
                    .isThrownBy(() -> Category.column("kind").restored(state))
                    .withMessage(damage.getValue());
        }
    }

    @Test
    void outputsLeadBackToAnswers() {
        Category category = Category.column("kind").fit(Rows.range(WORDS, 0, 3));
        Rows rows = Rows.range(WORDS, 0, 2);
        double[][] answers = {{0.25, 0.75}, {1, 0}};
        double[][] back = category.answers(rows, category.outputs(rows, answers));
        for (int i = 0; i < answers.length; i++) {
            assertThat(back[i]).containsExactly(answers[i], within(1e-7));
        }
    }

    /** Outputs of which one knows the class three times of four and the other never: the odds of the first are 3 to 1. */
    @Test
    void theBlendIsTheMostLikelyOne() {
        Table table = Tables.csv(("kind" + "\na\na\na\nb\nb\nb\nb\na".repeat(ROUNDS)).split("\n"));
        Category category = Category.column("kind").fit(Rows.all(table));
        float[][] knowing = new float[8 * ROUNDS][];
        float[][] guessing = new float[8 * ROUNDS][];
        for (int i = 0; i < knowing.length; i++) {
            knowing[i] = new float[] {i % 8 < 4 ? 2 : 0, i % 8 < 4 ? 0 : 2};
            guessing[i] = new float[] {i % 2, 1 - i % 2};
        }
        Blend blend = category.blend(Rows.all(table), knowing, guessing);
        assertThat(blend.prior()).isCloseTo(Math.log(3) / 2, within(0.01));
        assertThat(blend.network()).isCloseTo(0, within(0.02));
        assertThat(category.blend(Rows.of(table), new float[0][], new float[0][]))
                .isEqualTo(Blend.SUM);
    }
}
