package org.gatefold.recipe.field.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.gatefold.data.Column;
import org.gatefold.data.table.CsvTable;
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
        return Transcript.column("label", 1, 0.01).fit(rows("ab ba", "cab"));
    }

    @Test
    void measuresWordsAndCharacters() throws IOException {
        Transcript transcript = fitted();
        Rows wanted = rows("ab ba", "cab", "ba  ab");
        double[][] answers = {transcript.answer("ab ba"), transcript.answer("ca ab"), transcript.answer("ba")};
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
                Transcript.column("label", 1, 0.01).in(Transcript.Units.WORDS).fit(rows("ab ba", "cab", "ba"));
        assertThat(transcript.summary()).isEqualTo("3 words");
        // Words are ab, ba and cab, from 1 on.
        assertThat(transcript.answer("cab  nobody ab")).containsExactly(3, 1, 0, 0);
        assertThat(transcript.lines(rows("cab ab ba"), new double[][] {{3, 1, 1, 10, 20, 34}}))
                .containsExactly(List.of("1", "cab ab ab", "0.10 0.20 0.34", "cab ab ba"));
        Rows wanted = rows("cab ba");
        Score score = transcript.score(wanted, new double[][] {transcript.answer("cab ab")});
        assertThat(score.figures().get("wer")).isCloseTo(1 / 2.0, within(1e-12));
        assertThat(score.figures().get("cer")).isCloseTo(2 / 6.0, within(1e-12));
        Transcript restored = Transcript.column("label", 1, 0.01)
                .in(Transcript.Units.WORDS)
                .restored(JsonFields.parse("a", transcript.state().toString()));
        assertThat(restored.answer("cab ba")).containsExactly(transcript.answer("cab ba"));
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
        Transcript restored = Transcript.column("label", 1, 0.01)
                .restored(JsonFields.parse("a", transcript.state().toString()));
        assertThat(restored.answer("cab a")).containsExactly(transcript.answer("cab a"));
        assertThat(restored.summary()).isEqualTo("4 characters");
    }
}
