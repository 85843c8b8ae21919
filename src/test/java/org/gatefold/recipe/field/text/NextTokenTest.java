package org.gatefold.recipe.field.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.gatefold.data.Batch;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.data.text.LineTable;
import org.gatefold.data.text.Tokenizer;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Score;
import org.gatefold.recipe.field.Tables;
import org.gatefold.tensor.Form;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NextTokenTest {
    private static LineTable lines(String text) throws IOException {
        return LineTable.read(
                "a.txt", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
    }

    private static Text column(Tokenizer tokenizer) {
        return Text.column(LineTable.TEXT, tokenizer, 100, 1);
    }

    private static List<List<Integer>> ids(Column column) {
        Batch batch = Dataset.of(column).batch();
        List<List<Integer>> rows = new ArrayList<>();
        for (int row = 0; row < batch.rows(); row++) {
            List<Integer> ids = new ArrayList<>();
            for (int step = 0; step < batch.length(row); step++) {
                ids.add(batch.inputs().get(0).id(step * batch.rows() + row));
            }
            rows.add(ids);
        }
        return rows;
    }

    /** No token of the text is lost, not at the beginning of a stream either; here they are a, b and c, 2 to 4. */
    @Test
    void streamsHoldTheWholeText() throws IOException {
        Rows rows = Rows.all(lines("a b\n\nc a\nb"));
        RunningText text = RunningText.of(column(Tokenizer.SPACES)).streams(3, 2);
        RunningText fitted = text.fit(rows);
        assertThat(fitted.vocabulary().tokens()).containsExactly("<unk>", "<eos>", "a", "b", "c");
        NextToken target = NextToken.of(text).fit(rows);
        assertThat(ids(fitted.encode(rows))).containsExactly(List.of(1, 2, 3), List.of(1, 1, 4), List.of(2, 1, 3));
        assertThat(ids(target.encode(rows))).containsExactly(List.of(2, 3, 1), List.of(1, 4, 2), List.of(1, 3, 1));
        assertThat(ids(fitted.streams(3, 4).encode(rows)))
                .as("none shorter than 4")
                .hasSize(2);
        assertThat(ids(fitted.streams(99, 50).encode(rows))).hasSize(1);
        assertThat(text.restored(Tables.saved(fitted)).vocabulary().tokens())
                .isEqualTo(fitted.vocabulary().tokens());
    }

    @Test
    void lineFeedsAreTokensOfCharacters() throws IOException {
        Rows rows = Rows.all(lines("ab\rb\n e\u0301\n"));
        RunningText text = RunningText.of(column(Tokenizer.CHARACTERS)).fit(rows);
        assertThat(text.vocabulary().tokens()).containsExactly("<unk>", "<eos>", "b", "\r", " ", "a", "\u00e9");
        assertThat(ids(text.encode(rows))).containsExactly(List.of(1, 5, 2, 3, 2, 1, 4, 6));
        assertThat(text.characters(rows)).containsExactly(5, 3);
    }

    @Test
    void promptsHaveSeveralLinesAndUnknownTokens() throws IOException {
        RunningText text = RunningText.of(column(Tokenizer.SPACES)).fit(Rows.all(lines("a b")));
        List<String> unknown = new ArrayList<>();
        assertThat(text.ids("a x\nb <unk>", unknown)).containsExactly(2, 0, 1, 3, 0);
        assertThat(unknown).containsExactly("x");
        assertThat(text.ids("", unknown)).isEmpty();
        assertThat(text.ids("a\n", unknown)).containsExactly(2, 1);
        assertThat(text.added(2, 3)).isEqualTo(" b");
        assertThat(text.added(1, 3)).isEqualTo("b");
        assertThat(text.added(3, 1)).isEqualTo("\n");
    }

    /** Of two lines with 4 and 2 nats, of 2 tokens and 4 characters and of 1 and 1. */
    @Test
    void figuresAreThoseComputedByHand() throws IOException {
        Rows rows = Rows.all(lines("abc\n\n"));
        NextToken target =
                NextToken.of(RunningText.of(column(Tokenizer.SPACES))).fit(rows);
        double[][] answers = target.answers(rows, 3, 1, 2);
        assertThat(answers).isDeepEqualTo(new double[][] {{4, 2, 4}, {2, 1, 1}});
        Score score = target.score(rows, answers);
        assertThat(score.figures().get("nats")).isEqualTo(2);
        assertThat(score.figures().get("perplexity")).isCloseTo(Math.exp(2), within(1e-12));
        assertThat(score.figures().get("bits-per-character")).isCloseTo(6 / Math.log(2) / 5, within(1e-12));
        assertThat(score.more().get("unknown").getAsInt()).isZero();
        assertThat(target.lines(rows, answers))
                .containsExactly(
                        List.of("1", "4.0000", "2", "7.3891"),
                        List.of("2", "2.0000", "1", "7.3891"),
                        List.of("total", "6.0000", "3", "7.3891"));
    }

    /** The long text is read in two places at once; the other one is not. */
    @ParameterizedTest
    @ValueSource(ints = {40, 4000})
    void answersAreThoseOfOnePassOverTheWholeText(int count) throws IOException {
        Random random = new Random(count);
        StringBuilder written = new StringBuilder();
        for (int line = 0; line < count; line++) {
            random.ints(random.nextInt(9), 0, 3).forEach(letter -> written.append("abc".charAt(letter)));
            written.append('\n');
        }
        Rows rows = Rows.all(lines(written.toString()));
        RunningText text = RunningText.of(column(Tokenizer.CHARACTERS)).fit(rows);
        NextToken target =
                NextToken.of(RunningText.of(column(Tokenizer.CHARACTERS))).fit(rows);
        int vocabulary = text.vocabulary().size();
        try (Device device = Devices.named("cpu");
                Model model = Network.sequential(Form.tokens())
                        .add(Embedding.of(vocabulary, 3))
                        .add(Lstm.of(6).returnSequences())
                        .add(Linear.of(vocabulary))
                        .build()
                        .on(device)
                        .seed(2)
                        .build()) {
            float[][] logits =
                    model.predict(text.encode(rows)).values().iterator().next().sequences()[0];
            double[][] answers = target.answers(model, new Fields(text, target), rows);
            int[][] expected = text.lines(rows);
            int at = 0;
            for (int line = 0; line < expected.length; line++) {
                double nats = 0;
                for (int token : expected[line]) {
                    double sum = 0;
                    for (float logit : logits[at]) {
                        sum += Math.exp(logit);
                    }
                    nats += Math.log(sum) - logits[at++][token];
                }
                assertThat(answers[line][0]).as("line " + line).isCloseTo(nats, within(1e-4));
                assertThat(answers[line][1]).isEqualTo(expected[line].length);
            }
            assertThat(at > 2 * 8192).isEqualTo(count > 1000);
            assertThat(Arrays.stream(answers).mapToDouble(answer -> answer[1]).sum())
                    .isEqualTo(at);
        }
    }
}
