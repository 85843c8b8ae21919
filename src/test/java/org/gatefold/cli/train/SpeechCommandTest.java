package org.gatefold.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.gatefold.cli.CommandLineRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpeechCommandTest {
    @TempDir
    private Path folder;

    private CommandLineRun train(String... more) throws IOException {
        StringBuilder lines = new StringBuilder("text,rate,samples\n");
        for (int row = 0; row < 12; row++) {
            lines.append(row % 2 == 0 ? "up" : "so low")
                    .append(",1000,")
                    .append((row % 2 == 0 ? "80ff8000" : "8080ffff").repeat(50))
                    .append('\n');
        }
        Path data = Files.writeString(folder.resolve("said.csv"), lines);
        return CommandLineRun.train("speech", data, folder.resolve("run"), 2, more);
    }

    @Test
    void learnsAndWritesTexts() throws IOException {
        CommandLineRun result = train("--beam", "4");
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out()).contains("wer", "cer", "most-frequent", "7 characters");
        CommandLineRun answers = CommandLineRun.of(
                "predict",
                folder.resolve("run").toString(),
                "--data",
                folder.resolve("said.csv").toString());
        assertThat(answers.exitCode()).as(answers.err()).isZero();
        List<String> lines = answers.out().lines().toList();
        assertThat(lines).hasSize(13).first().isEqualTo("row,text,starts,actual");
        assertThat(lines.get(2)).startsWith("2,").endsWith(",so low");
    }

    @Test
    void complainsInOneLine() throws IOException {
        assertThat(train("--beam", "0").complaint()).startsWith("gatefold: --beam: expected 1 to 1000, got 0");
    }
}
