package org.gatefold.recipe.field.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeSet;
import org.gatefold.data.Column;
import org.gatefold.data.ngram.NGramModel;
import org.gatefold.data.table.CsvTable;
import org.gatefold.file.FileException;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Score;
import org.junit.jupiter.api.Test;

class TranscriptTest {
    private static Rows rows(String... texts) throws IOException {
        String csv = "label\n" + String.join("\n", texts) + "\n";
        return Rows.all(CsvTable.read("a.csv", new ByteArrayInputStream(csv.getBytes(StandardCharsets.UTF_8))));
    }

    private static Transcript fitted() throws IOException {
        return CtcTranscript.column("label", Transcript.Units.CHARACTERS, 1, 0.01)
                .fit(rows("ab ba", "cab"));
    }

    @Test
    void measuresWordsAndCharacters() throws IOException {
        Transcript transcript = fitted();
        Rows wanted = rows("ab ba", "cab", "ba  ab");
        double[][] answers = {
            transcript.wording().answer("ab ba"),
            transcript.wording().answer("ca ab"),
            transcript.wording().answer("ba")
        };
        Score score = transcript.score(wanted, answers);
        // One of five words is another, one is too much, one is missing; of 13 characters one is too much and three are
        // missing,
        // beside the two that a blank in the middle costs as "ca ab" for "cab".
        assertThat(score.figures().get("wer")).isCloseTo(3 / 5.0, within(1e-12));
        assertThat(score.figures().get("cer")).isCloseTo(5 / 13.0, within(1e-12));
        assertThat(score.figures().get("accuracy")).isCloseTo(1 / 3.0, within(1e-12));
    }

    @Test
    void tellsWhenEachWordBegins() throws IOException {
        Transcript transcript = fitted();
        // Characters are " ", a, b and c, from 1 on; the steps of each stand behind them.
        double[] answer = {2, 3, 1, 4, 10, 12, 20, 34};
        assertThat(transcript.lines(rows("ab c"), new double[][] {answer}))
                .containsExactly(List.of("1", "ab c", "0.10 0.34", "ab c"));
    }

    @Test
    void wordsAreUnitsOfTheirOwn() throws IOException {
        Transcript transcript =
                CtcTranscript.column("label", Transcript.Units.WORDS, 1, 0.01).fit(rows("ab ba", "cab", "ba"));
        assertThat(transcript.summary()).isEqualTo("3 words");
        // Words are ab, ba and cab, from 1 on.
        assertThat(transcript.wording().answer("cab  nobody ab")).containsExactly(3, 1, 0, 0);
        assertThat(transcript.lines(rows("cab ab ba"), new double[][] {{3, 1, 1, 10, 20, 34}}))
                .containsExactly(List.of("1", "cab ab ab", "0.10 0.20 0.34", "cab ab ba"));
        Rows wanted = rows("cab ba");
        Score score =
                transcript.score(wanted, new double[][] {transcript.wording().answer("cab ab")});
        assertThat(score.figures().get("wer")).isCloseTo(1 / 2.0, within(1e-12));
        assertThat(score.figures().get("cer")).isCloseTo(2 / 6.0, within(1e-12));
        Transcript restored = CtcTranscript.column("label", Transcript.Units.WORDS, 1, 0.01)
                .restored(JsonFields.parse("a", transcript.state().toString()));
        assertThat(restored.wording().answer("cab ba"))
                .containsExactly(transcript.wording().answer("cab ba"));
    }

    /** Labels of characters " ", a, b and c, from 1 on: words count where a blank or the end makes them whole. */
    @Test
    void wordsAreScoredWhereTheyAreWhole() {
        NGramModel model = NGramModel.of(List.of(List.of("ab", "ba"), List.of("ab")), 2);
        WordScores scores = new WordScores(
                List.of(" ", "a", "b", "c"), false, model, new TreeSet<>(List.of("ab", "ba", "abc")), 0.5, 2);
        double never = Double.NEGATIVE_INFINITY;
        assertThat(scores.logProbability(new int[] {}, 2)).isZero();
        assertThat(scores.logProbability(new int[] {2}, 3)).isZero();
        assertThat(scores.logProbability(new int[] {2}, 2)).isEqualTo(never);
        assertThat(scores.logProbability(new int[] {2}, 1)).isEqualTo(never);
        assertThat(scores.logProbability(new int[] {2, 3}, 1))
                .isEqualTo(2 + 0.5 * model.logProbability(List.of(), "ab"));
        assertThat(scores.logProbability(new int[] {2, 3, 1}, 1)).isZero();
        double end = 0.5 * model.logProbability(List.of("ab", "ba"), NGramModel.END);
        assertThat(scores.endLogProbability(new int[] {2, 3, 1, 3, 2}))
                .isEqualTo(2 + 0.5 * model.logProbability(List.of("ab"), "ba") + end);
        assertThat(scores.endLogProbability(new int[] {2, 3, 1, 3, 2, 1})).isEqualTo(end);
        assertThat(scores.endLogProbability(new int[] {2, 3, 1, 3})).isEqualTo(never);
        WordScores ofWords =
                new WordScores(List.of("ab", "ba", "c"), true, model, new TreeSet<>(List.of("ba")), 0.5, 2);
        assertThat(ofWords.logProbability(new int[] {1}, 2))
                .isEqualTo(2 + 0.5 * model.logProbability(List.of("ab"), "ba"));
        assertThat(ofWords.logProbability(new int[] {}, 3)).isEqualTo(never);
        assertThat(ofWords.endLogProbability(new int[] {1, 2})).isEqualTo(end);
    }

    @Test
    void keepsWhatIsKnownOfWords() throws IOException {
        Transcript blank = CtcTranscript.column("label", Transcript.Units.CHARACTERS, 1, 0.01)
                .with(WordKnowledge.none()
                        .order(2)
                        .lexicon(WordKnowledge.OF_TRAINING)
                        .weights(0.5, 0));
        Transcript transcript = blank.fit(rows("ab ba", "ab"));
        assertThat(transcript.summary()).isEqualTo("3 characters, 9 n-grams of up to 2 words, a lexicon of 2");
        Transcript restored =
                blank.restored(JsonFields.parse("a", transcript.state().toString()));
        assertThat(restored.summary()).isEqualTo(transcript.summary());
        assertThat(restored.state()).isEqualTo(transcript.state());
        JsonObject damaged = transcript.state();
        damaged.addProperty("language-model", "hello");
        assertThatThrownBy(() -> blank.restored(JsonFields.parse("a", damaged.toString())))
                .isInstanceOf(FileException.class)
                .hasMessageContaining("language-model")
                .hasMessageContaining("no ARPA file");
    }

    @Test
    void leavesOutCharactersThatNobodyLearnt() throws IOException {
        Transcript transcript = fitted();
        Column column = transcript.encode(rows("axb", "b"));
        assertThat(column.steps(0)).isEqualTo(2);
        assertThat(column.steps(1)).isEqualTo(1);
    }

    @Test
    void isRestoredAsItWasFitted() throws IOException {
        Transcript transcript = fitted();
        Transcript restored = CtcTranscript.column("label", Transcript.Units.CHARACTERS, 1, 0.01)
                .restored(JsonFields.parse("a", transcript.state().toString()));
        assertThat(restored.wording().answer("cab a"))
                .containsExactly(transcript.wording().answer("cab a"));
        assertThat(restored.summary()).isEqualTo("4 characters");
    }
}
