package org.gatefold.recipe.field.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.within;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.gatefold.data.Batch;
import org.gatefold.data.Dataset;
import org.gatefold.data.table.Table;
import org.gatefold.data.text.Tokenizer;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.file.FileException;
import org.gatefold.file.JsonFields;
import org.gatefold.layer.Layer;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.recipe.field.Baseline;
import org.gatefold.recipe.field.Blend;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Score;
import org.gatefold.recipe.field.Tables;
import org.gatefold.tensor.Form;
import org.gatefold.train.metric.Metric;
import org.junit.jupiter.api.Test;

class TagsTest {
    private static final Table NAMES = Tables.csv(
            "tokens,tags",
            "Ann Lee sees Rome,B-PER I-PER O B-LOC",
            "Rome sleeps,B-LOC O",
            "Ann left IBM,B-PER O B-ORG");
    private static final Table WORDS = Tables.csv("tokens,tags", "Ann sees,NP VB", "dogs run,NN VB", "Ann runs,NP VBZ");

    private static Tags tags() {
        return Tags.columns("tokens", "tags");
    }

    private static Tags fitted(Table table) {
        return tags().fit(Rows.range(table, 0, 2));
    }

    private static List<Integer> encoded(Tags tags, Rows row) {
        Batch batch = Dataset.of(tags.encode(row).named(Dataset.INPUT)).batch();
        return IntStream.range(0, batch.length(0))
                .mapToObj(batch.inputs().get(0)::id)
                .toList();
    }

    /** That I-LOC is not among the rows does not mean that it cannot come. */
    @Test
    void spansHaveAllTagsOfTheirKinds() {
        Tags tags = fitted(NAMES);
        assertThat(tags.state()).hasToString("{\"tags\":[\"O\",\"B-LOC\",\"I-LOC\",\"B-PER\",\"I-PER\"]}");
        assertThat(tags.outputs()).isEqualTo(5);
        assertThat(encoded(tags, Rows.of(NAMES, 0))).containsExactly(3, 4, 0, 1);
        assertThat(tags.summary()).isEqualTo("5 tags of BIO, decoded by a conditional random field");
        assertThat(tags.head()).extracting(Layer::type).containsExactly("Linear", "Crf");
        assertThat(tags.metrics()).extracting(Metric::name).containsExactly("span-f1", "accuracy");
    }

    @Test
    void endsAndSinglesAreThoseOfBioes() {
        Table table = Tables.csv("tokens,tags", "Ann Lee sees Rome,B-PER E-PER O S-LOC");
        Tags tags = tags().fit(Rows.all(table));
        assertThat(tags.summary()).startsWith("9 tags of BIOES");
        assertThat(encoded(tags, Rows.all(table))).containsExactly(5, 7, 0, 4);
    }

    @Test
    void tagsThatAreNoSpansArePlain() {
        Tags tags = fitted(WORDS).crf(false);
        assertThat(tags.state()).hasToString("{\"tags\":[\"NN\",\"NP\",\"VB\"]}");
        assertThat(tags.summary()).isEqualTo("3 tags");
        assertThat(tags.head()).extracting(Layer::type).containsExactly("Linear");
        assertThat(tags.metrics()).extracting(Metric::name).containsExactly("accuracy");
        assertThat(encoded(tags, Rows.of(WORDS, 1))).containsExactly(0, 2);
    }

    @Test
    void aTagThatNoTrainingRowHasIsLearntAsTheFirst() {
        assertThat(fitted(NAMES).labels(Rows.of(NAMES, 2))).isDeepEqualTo(new int[][] {{3, 0, -1}});
        assertThat(encoded(fitted(NAMES), Rows.of(NAMES, 2))).containsExactly(3, 0, 0);
        assertThat(encoded(fitted(WORDS), Rows.of(WORDS, 2))).containsExactly(1, 0);
    }

    @Test
    void spansThatCannotBeAreRefused() {
        Map<String, String> wrong = Map.of(
                "O I-PER", "word 2, 'b': expected a tag that may follow O in BIO, got 'I-PER'",
                "I-LOC O", "word 1, 'a': expected a tag that may begin a sentence in BIO, got 'I-LOC'",
                "B-LOC I-PER", "word 2, 'b': expected a tag that may follow B-LOC in BIO, got 'I-PER'");
        wrong.forEach((row, message) -> {
            Table table = Tables.csv("tokens,tags", "Ann Rome,B-PER B-LOC", "a b," + row);
            Tags tags = tags().fit(Rows.all(table));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> tags.encode(Rows.all(table)))
                    .withMessage("test.csv, line 3, column 'tags': " + message);
        });
        Table open = Tables.csv("tokens,tags", "a b,S-PER B-PER");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tags().fit(Rows.all(open)).encode(Rows.all(open)))
                .withMessage("test.csv, line 2, column 'tags': word 2, 'b': expected a tag that may end a sentence"
                        + " in BIOES, got 'B-PER'");
        Table uneven = Tables.csv("tokens,tags", "a b,O");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tags().fit(Rows.all(uneven)))
                .withMessage("test.csv, line 2, column 'tags': expected 2 tags, as there are words, got 1");
        Table same = Tables.csv("tokens,tags", "a b,O O");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tags().fit(Rows.all(same)))
                .withMessage("test.csv, column 'tags': expected at least 2 tags among the rows to train on, got [O]");
    }

    /** Of 5 spans, one of a kind that no training row has, 3 are among the 4 that are answered. */
    @Test
    void spansAreCountedAsConllevalDoes() {
        Tags tags = fitted(NAMES);
        Score score = tags.score(Rows.all(NAMES), new double[][] {{3, 0, 0, 1}, {1, 0}, {3, 0, 0}});
        assertThat(score.figures().keySet()).containsExactly("f1", "precision", "recall", "accuracy");
        assertThat(score.first()).isEqualTo(2 * 0.75 * 0.6 / (0.75 + 0.6), within(1e-12));
        assertThat(score.figures().get("precision")).isEqualTo(0.75);
        assertThat(score.figures().get("recall")).isEqualTo(0.6);
        assertThat(score.figures().get("accuracy")).isEqualTo(7.0 / 9, within(1e-12));
        assertThat(score.more().getAsJsonObject("kinds").keySet()).containsExactly("LOC", "ORG", "PER");
        assertThat(score.more().getAsJsonObject("kinds").getAsJsonObject("LOC"))
                .hasToString("{\"f1\":1.0,\"precision\":1.0,\"recall\":1.0}");
    }

    @Test
    void plainTagsAreCountedByWords() {
        Score score = fitted(WORDS).score(Rows.all(WORDS), new double[][] {{1, 2}, {0, 1}, {1, 2}});
        assertThat(score.figures()).containsExactly(entry("accuracy", 4.0 / 6));
        assertThat(score.more().keySet()).isEmpty();
    }

    @Test
    void anAnswerIsTheLargestOutputOfEachWord() {
        Tags tags = fitted(WORDS);
        Rows rows = Rows.of(WORDS, 0);
        float[][] outputs = {{0, 2, 1, Float.NaN, 0, 1}};
        assertThat(tags.answers(rows, outputs)).isDeepEqualTo(new double[][] {{1, 0}});
        double[][] answers = {{2, 1}};
        assertThat(tags.outputs(rows, answers)).isDeepEqualTo(new float[][] {{0, 0, 1, 0, 1, 0}});
        assertThat(tags.answers(rows, tags.outputs(rows, answers))).isDeepEqualTo(answers);
    }

    @Test
    void oneOfPriorAndNetworkIsTaken() {
        Tags tags = fitted(WORDS);
        Rows rows = Rows.of(WORDS, 0);
        float[][] right = tags.outputs(rows, new double[][] {{1, 2}});
        float[][] wrong = tags.outputs(rows, new double[][] {{1, 1}});
        assertThat(tags.blend(rows, right, wrong)).isEqualTo(new Blend(1, 0));
        assertThat(tags.blend(rows, wrong, right)).isEqualTo(new Blend(0, 1));
        assertThat(tags.blend(Rows.of(WORDS), new float[0][], new float[0][])).isEqualTo(new Blend(0, 1));
    }

    @Test
    void answersAreWrittenInColumns() {
        Tags tags = fitted(NAMES);
        double[][] answers = {{3, 4, 0, 1}, {0, 0}};
        assertThat(tags.written(Rows.range(NAMES, 0, 2), answers)).hasValue("""
                        Ann\tB-PER\tB-PER
                        Lee\tI-PER\tI-PER
                        sees\tO\tO
                        Rome\tB-LOC\tB-LOC

                        Rome\tB-LOC\tO
                        sleeps\tO\tO

                        """);
        Table unknown = Tables.csv("tokens", "Ann left", "she did");
        assertThat(tags.written(Rows.all(unknown), new double[][] {{3, 0}, {0, 0}}))
                .hasValue("Ann\tB-PER\nleft\tO\n\nshe\tO\ndid\tO\n\n");
        assertThat(tags.isKnown(unknown)).isFalse();
    }

    @Test
    void savedTagsAreTheSame() {
        Tags again = tags().restored(Tables.saved(fitted(NAMES)));
        assertThat(again.labels(Rows.all(NAMES))).isDeepEqualTo(fitted(NAMES).labels(Rows.all(NAMES)));
        assertThat(again.summary()).isEqualTo(fitted(NAMES).summary());
        JsonFields state = JsonFields.parse("state.json", "{\"tags\":[\"O\"]}");
        assertThatExceptionOfType(FileException.class)
                .isThrownBy(() -> tags().restored(state))
                .withMessage("state.json: tags: expected at least 2, got [O]");
    }

    /** Ann is a person as in training; words that are not there are O, which is as frequent as the others and comes first. */
    @Test
    void theBaselineKnowsWordsAlone() {
        Fields fields = new Fields(Characters.column("tokens"), tags()).fit(Rows.range(NAMES, 0, 2));
        Baseline.Attempt attempt =
                TextBaselines.frequentTags().method().attempt(fields, Rows.range(NAMES, 0, 2), Rows.of(NAMES, 2));
        assertThat(attempt.answers()).isDeepEqualTo(new double[][] {{3, 0, 0}});
    }

    /** Offsets count characters, of which one outside of the basic plane is one. */
    @Test
    void jsonTellsWhereSpansStand() {
        Tags tags = fitted(NAMES);
        Table table = Tables.csv("tokens", "\uD83D\uDE00 Ann Lee sees Rome", "so");
        double[][] answers = {{0, 3, 4, 0, 1}, {0}};
        assertThat(tags.jsonLines(Rows.of(table, 0, 1), answers).lines())
                .containsExactly(
                        "{\"row\":1,\"text\":\"\uD83D\uDE00 Ann Lee sees Rome\",\"spans\":["
                                + "{\"type\":\"PER\",\"first\":1,\"last\":2,\"text\":\"Ann Lee\",\"begin\":2,\"end\":9},"
                                + "{\"type\":\"LOC\",\"first\":4,\"last\":4,\"text\":\"Rome\",\"begin\":15,\"end\":19}]}",
                        "{\"row\":2,\"text\":\"so\",\"spans\":[]}");
        Tags plain = fitted(WORDS);
        assertThat(plain.jsonLines(Rows.of(WORDS, 0), new double[][] {{1, 2}}))
                .isEqualTo("{\"row\":1,\"text\":\"Ann sees\",\"tags\":[\"NP\",\"VB\"]}\n");
    }

    /** Of the words, in the order of the vocabulary, how much more likely they are in no span than one that begins a span. */
    @MustBeClosed
    private static Model model(Device device, Tags tags, float... margins) {
        return Network.sequential(Form.tokens())
                .add(Embedding.of(margins.length, 1))
                .add(tags.head().get(0))
                .build()
                .on(device)
                .weights(parameters -> {
                    parameters.get("embedding.w").set(margins);
                    parameters.get("linear.w").set(1, 0, 0);
                    parameters.get("linear.b").set(0, 0, -9);
                })
                .build();
    }

    /** Lowered by 1 one of the two names is found, by 2 both, and nothing is better than that. */
    @Test
    void spansAreFoundForTheBestF1() {
        Table table = Tables.csv("tokens,tags", "Ann sees Bob,B-PER O B-PER");
        Tags tags = tags().crf(false).fit(Rows.all(table));
        Fields fields =
                new Fields(List.of(Text.column("tokens", Tokenizer.SPACES, 9, 1)), tags, null).fit(Rows.all(table));
        Rows rows = fields.examples(Rows.all(table));
        try (Device device = Devices.named("reference");
                Model model = model(device, tags, 9, 0.5f, 1.6f, 5);
                Model other = model(device, tags, 9, 0.5f, 1.6f, 5)) {
            assertThat(tags.score(rows, tags.answers(model, fields, rows)).first())
                    .isZero();
            Tags tuned = tags.tuned(model, fields, rows);
            assertThat(tags.score(rows, tags.answers(model, fields, rows)).first())
                    .isEqualTo(1);
            assertThat(model.parameters().get("linear.b").value().toFloats()).containsExactly(-2, 0, -9);
            assertThat(tuned.remark(null)).contains("lowered by 2.00");
            tags.tunedAs(tuned, other);
            assertThat(other.parameters().get("linear.b").value().toFloats()).containsExactly(-2, 0, -9);
            assertThat(tags().crf(false)
                            .restored(JsonFields.parse("state", tuned.state().toString()))
                            .remark(null))
                    .isEqualTo(tuned.remark(null));
        }
    }
}
