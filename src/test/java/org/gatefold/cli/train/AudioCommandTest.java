package org.gatefold.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.gatefold.cli.CommandLineRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AudioCommandTest {
    @TempDir
    private Path folder;

    /** Recordings of two classes, each of an amplitude and a length of its own. */
    private Path recordings() throws IOException {
        Path all = Files.createDirectories(folder.resolve("sounds"));
        for (int number = 0; number < 12; number++) {
            byte[] samples = new byte[600 + 40 * number];
            for (int i = 0; i < samples.length; i++) {
                double hertz = number % 2 == 0 ? 200 : 1500;
                samples[i] = (byte) (128 + (60 + number) * Math.sin(2 * Math.PI * hertz * i / 4000));
            }
            AudioFormat format = new AudioFormat(AudioFormat.Encoding.PCM_UNSIGNED, 4000, 8, 1, 1, 4000, false);
            AudioSystem.write(
                    new AudioInputStream(new ByteArrayInputStream(samples), format, samples.length),
                    AudioFileFormat.Type.WAVE,
                    all.resolve((number % 2 == 0 ? "low-" : "high-") + number + ".wav")
                            .toFile());
        }
        return all;
    }

    private CommandLineRun train(Path data, String... more) {
        return CommandLineRun.train("audio", data, folder.resolve("run"), 2, more);
    }

    private List<String> answers(Path data) {
        CommandLineRun answers =
                CommandLineRun.of("predict", folder.resolve("run").toString(), "--data", data.toString());
        assertThat(answers.exitCode()).as(answers.err()).isZero();
        return answers.out().lines().toList();
    }

    @Test
    void learnsFromNamesAndAnswersFolderAndFile() throws IOException {
        Path data = recordings();
        CommandLineRun result = train(
                data,
                "--label-pattern",
                "^([a-z]+)-",
                "--test-pattern",
                "-1[01]",
                "--mfcc",
                "12",
                "--deltas",
                "--freq-mask",
                "3",
                "--time-mask",
                "0.2",
                "--pooling",
                "attention");
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out())
                .contains(
                        "10 rows to train on, 2 to test",
                        "12 cepstral coefficients with deltas of 4000 Hz",
                        "nearest-neighbour");
        List<String> lines = answers(data);
        assertThat(lines).hasSize(13).first().isEqualTo("row,label,probability,actual");
        assertThat(lines.get(1)).startsWith("high-1.wav,").endsWith(",high");
        Path one = data.resolve("low-0.wav");
        assertThat(answers(one)).hasSize(2).last().asString().startsWith(one + ",");
    }

    @Test
    void learnsFromListsAndNoticesAChangedRecording() throws IOException {
        Path data = recordings();
        StringBuilder list = new StringBuilder("path,label\n");
        for (int number = 0; number < 12; number++) {
            String name = number % 2 == 0 ? "low" : "high";
            list.append("sounds/")
                    .append(name)
                    .append('-')
                    .append(number)
                    .append(".wav,")
                    .append(name)
                    .append('\n');
        }
        Path file = Files.writeString(folder.resolve("list.csv"), list);
        CommandLineRun result = train(file);
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(answers(file)).hasSize(13);
        Path run = folder.resolve("run");
        Files.delete(run.resolve("metrics.json"));
        Files.write(data.resolve("low-0.wav"), Files.readAllBytes(data.resolve("low-2.wav")));
        assertThat(CommandLineRun.of("train", "audio", "--resume", "--out", run.toString())
                        .complaint())
                .contains(file.toString(), "has changed");
    }

    @Test
    void complainsInOneLine() throws IOException {
        Path data = recordings();
        assertThat(train(data, "--label-pattern", "(").complaint())
                .startsWith("gatefold: --label-pattern: expected a regular expression, got (");
        assertThat(train(data, "--label-pattern", "^([a-z]+)-", "--test-pattern", "nowhere")
                        .complaint())
                .startsWith("gatefold: " + data
                        + ": expected rows to train on and to test, got 12 and 0 by the pattern of names");
        assertThat(train(data, "--label-pattern", "^([a-z]+)-", "--test-pattern", "1", "--test", data.toString())
                        .complaint())
                .startsWith("gatefold: expected --test or a pattern of the names to test on, got both");
        assertThat(train(data, "--label-pattern", "^([a-z]+)-", "--mfcc", "50").complaint())
                .startsWith("gatefold: --mfcc: expected at most 40");
        assertThat(train(data, "--label-pattern", "^([a-z]+)-", "--mfcc", "12", "--freq-mask", "13")
                        .complaint())
                .startsWith("gatefold: --freq-mask: expected at most 12, as many as a step has, got 13");
        assertThat(train(Files.createDirectories(folder.resolve("empty"))).complaint())
                .isEqualTo("gatefold: " + folder.resolve("empty")
                        + ": expected recordings (WAV, FLAC, MP3, Ogg), found none");
    }
}
