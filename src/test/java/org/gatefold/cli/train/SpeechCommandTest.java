package org.gatefold.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.gatefold.cli.CommandLineRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpeechCommandTest {
    @TempDir
    private Path folder;

    private CommandLineRun train(String... more) throws IOException {
        return train(2, more);
    }

    private CommandLineRun train(int epochs, String... more) throws IOException {
        StringBuilder lines = new StringBuilder("text,rate,samples\n");
        for (int row = 0; row < 12; row++) {
            lines.append(row % 2 == 0 ? "up" : "so low")
                    .append(",1000,")
                    .append((row % 2 == 0 ? "80ff8000" : "8080ffff").repeat(50))
                    .append('\n');
        }
        Path data = Files.writeString(folder.resolve("said.csv"), lines);
        return CommandLineRun.train("speech", data, folder.resolve("run"), epochs, more);
    }

    @Test
    void learnsAndWritesTexts() throws IOException {
        CommandLineRun result = train("--beam", "4");
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out()).contains("wer", "cer", "most-frequent", "7 characters");
        CommandLineRun answers = predict();
        assertThat(answers.exitCode()).as(answers.err()).isZero();
        List<String> lines = answers.out().lines().toList();
        assertThat(lines).hasSize(13).first().isEqualTo("row,text,starts,actual");
        assertThat(lines.get(2)).startsWith("2,").endsWith(",so low");
    }

    @Test
    void asksNGramsAndALexicon() throws IOException {
        Path words = Files.writeString(folder.resolve("words.txt"), "up\nlow\tl ow\n");
        CommandLineRun result = train("--lm-order", "2", "--lexicon", words.toString(), "--members", "2");
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out())
                .contains("7 characters, 11 n-grams of up to 2 words, a lexicon of 2; 2 networks: Conv1d")
                .contains("its members by themselves: wer");
        // The files are a part of the model.
        Files.delete(words);
        CommandLineRun answers =
                predict("--pictures", folder.resolve("pictures").toString());
        assertThat(answers.exitCode()).as(answers.err()).isZero();
        assertThat(answers.out().lines().skip(1).map(line -> line.split(",")[1]))
                .allMatch(text -> text.matches("((up|low)( (up|low))*)?"));
        assertThat(folder.resolve("pictures").resolve("row-12.png")).isNotEmptyFile();
    }

    private CommandLineRun predict(String... more) {
        return predict(folder.resolve("said.csv"), more);
    }

    private CommandLineRun predict(Path data, String... more) {
        List<String> arguments =
                new ArrayList<>(List.of("predict", folder.resolve("run").toString(), "--data", data.toString()));
        arguments.addAll(List.of(more));
        return CommandLineRun.of(arguments.toArray(String[]::new));
    }

    @Test
    void writesWithAttention() throws IOException {
        CommandLineRun result = train(200, "--decoder", "attention", "--lr", "0.02");
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out()).contains("7 characters; Conv1d", "AdditiveAttention", "wer");
        CommandLineRun answers =
                predict("--pictures", folder.resolve("pictures").toString());
        assertThat(answers.exitCode()).as(answers.err()).isZero();
        List<String> lines = answers.out().lines().toList();
        assertThat(lines.get(1)).matches("1,up,0\\.[01][0-9],up");
        assertThat(lines.get(2)).matches("2,so low,0\\.[01][0-9] 0\\.[012][0-9],so low");
        assertThat(folder.resolve("pictures").resolve("row-12.png")).isNotEmptyFile();
        assertThat(folder.resolve("pictures").resolve("row-12-attention.png")).isNotEmptyFile();
        assertThat(predict("--stream").complaint())
                .contains("--stream: expected one network that hears forward alone, as of 'train speech --streaming'");
    }

    @Test
    void membersWriteTogether() throws IOException {
        CommandLineRun result = train("--decoder", "attention", "--members", "2", "--units", "words", "--beam", "1");
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out()).contains("3 words; mean of 2 networks: Conv1d", "its members by themselves: wer");
        assertThat(predict().exitCode()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--streaming",
                "--lm=a.arpa",
                "--lm-order=2",
                "--lm-weight=1",
                "--word-bonus=1",
                "--lexicon=training"
            })
    void attentionRefusesWhatOnlyCtcHas(String option) throws IOException {
        assertThat(train("--decoder", "attention", option).complaint())
                .startsWith("gatefold: expected --decoder ctc beside " + option.split("=", 2)[0] + ", got attention");
    }

    @Test
    void readsNGrams() throws IOException {
        Path file = Files.writeString(
                folder.resolve("a.arpa"), "\\data\\\nngram 1=3\n\n\\1-grams:\n-1 so\n-2 low\n-99 <s>\n\n\\end\\\n");
        CommandLineRun result = train("--lm", file.toString(), "--units", "words", "--lm-weight", "1");
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out()).contains("3 words, 3 n-grams of up to 1 words");
        assertThat(predict().exitCode()).isZero();
    }

    /** Words at the end of a recording are those of the whole, whatever the search. */
    @ParameterizedTest
    @ValueSource(strings = {"1", "4"})
    void hearsWhileARecordingGoesOn(String width) throws IOException {
        CommandLineRun result = train(60, "--streaming", "--beam", width, "--lr", "0.02");
        assertThat(result.exitCode()).as(result.err()).isZero();
        Path sound = folder.resolve("up.wav");
        AudioFormat format = new AudioFormat(1000, 8, 1, false, false);
        byte[] samples = HexFormat.of().parseHex("80ff8000".repeat(80));
        AudioSystem.write(
                new AudioInputStream(new ByteArrayInputStream(samples), format, samples.length),
                AudioFileFormat.Type.WAVE,
                sound.toFile());
        CommandLineRun whole = predict(sound);
        CommandLineRun streamed = predict(sound, "--stream");
        assertThat(streamed.exitCode()).as(streamed.err()).isZero();
        List<String> lines = streamed.out().lines().toList();
        assertThat(lines.get(0)).isEqualTo("seconds,text");
        assertThat(lines.get(lines.size() - 1))
                .isNotEqualTo("0.32,")
                .isEqualTo("0.32," + whole.out().lines().toList().get(1).split(",", -1)[1]);
    }

    @Test
    void onlyAModelThatHearsForwardIsStreamed() throws IOException {
        assertThat(train().exitCode()).isZero();
        assertThat(predict("--stream").complaint())
                .contains("--stream: expected one network that hears forward alone, as of 'train speech --streaming'");
        assertThat(predict("--stream", "--json").complaint())
                .contains("--stream: expected none of the other ways to answer beside it");
        assertThat(refusedBesideStreaming("--deltas"))
                .contains("expected --streaming or --deltas, which look ahead, got both");
        assertThat(refusedBesideStreaming("--normalize=recording"))
                .contains("expected --streaming", "or --normalize, got both");
    }

    private String refusedBesideStreaming(String option) throws IOException {
        return CommandLineRun.train(
                        "speech", folder.resolve("said.csv"), folder.resolve("other"), 1, "--streaming", option)
                .complaint();
    }

    @Test
    void complainsInOneLine() throws IOException {
        assertThat(train("--lm", folder.resolve("none.arpa").toString()).complaint())
                .startsWith("gatefold: cannot read")
                .contains("none.arpa");
        Path empty = Files.writeString(folder.resolve("empty.txt"), "\n");
        assertThat(train("--lm", empty.toString()).complaint()).contains("empty.txt, line 1: expected \\end\\");
        assertThat(train("--lexicon", empty.toString()).complaint())
                .contains("empty.txt: expected a word a line, found none");
        assertThat(train("--smoothing", "0.2").complaint())
                .startsWith("gatefold: expected --decoder attention beside --smoothing, got ctc");
        assertThat(train("--beam", "0").complaint()).startsWith("gatefold: --beam: expected 1 to 1000, got 0");
    }
}
