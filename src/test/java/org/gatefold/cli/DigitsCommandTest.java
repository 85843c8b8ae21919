package org.gatefold.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.gatefold.data.Dataset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DigitsCommandTest {
    @TempDir
    private Path folder;

    /** The first rows of the images that travel with the program. */
    private Path images(int rows) throws IOException {
        try (InputStream stream = Dataset.class.getResourceAsStream("digits-8x8.csv.gz")) {
            String all = new String(new GZIPInputStream(stream).readAllBytes(), StandardCharsets.UTF_8);
            return Files.writeString(
                    folder.resolve("digits.csv"), all.lines().limit(rows).collect(Collectors.joining("\n")));
        }
    }

    private CommandLineRun train(Path data, String... more) {
        String[] fixed = {
            "train",
            "digits",
            "--data",
            data.toString(),
            "--train-rows",
            "80",
            "--hidden",
            "8",
            "--epochs",
            "2",
            "--out",
            folder.resolve("run").toString()
        };
        String[] all = new String[fixed.length + more.length];
        System.arraycopy(fixed, 0, all, 0, fixed.length);
        System.arraycopy(more, 0, all, fixed.length, more.length);
        return CommandLineRun.of(all);
    }

    @Test
    void writesModelMetricsAndCurve() throws IOException {
        CommandLineRun result = train(images(100));

        assertThat(result.exitCode()).as(result.err()).isZero();
        JsonObject metrics = CommandLineRun.json(folder.resolve("run/metrics.json"));
        assertThat(metrics.getAsJsonObject("test").get("accuracy").getAsDouble())
                .isBetween(0.0, 1.0);
        assertThat(metrics.getAsJsonObject("test").get("f1").getAsDouble()).isBetween(0.0, 1.0);
        assertThat(metrics.getAsJsonObject("test").get("rows").getAsInt()).isEqualTo(20);
        assertThat(metrics.getAsJsonObject("baselines").keySet()).containsExactly("majority", "3-nearest-neighbour");
        assertThat(metrics.get("device").getAsString()).isNotEmpty();
        assertThat(metrics.get("implementation").getAsString()).isNotEmpty();
        for (String file : List.of(
                "model.safetensors", "settings.json", "history.csv", "training.png", "confusion.png", "report.html")) {
            assertThat(folder.resolve("run").resolve(file)).isNotEmptyFile();
        }
        assertThat(result.out()).contains("accuracy", "majority", "3-nearest-neighbour");
    }

    @Test
    void holdsRowsBackAndLeavesOutShifts() throws IOException {
        CommandLineRun result = train(images(100), "--validation", "0.25", "--no-shifts", "--layers", "2");
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.err()).contains("batches on").containsPattern("validation loss [0-9.]+, accuracy [0-9.]+");
        assertThat(result.out()).doesNotContain("shifts");
    }

    @Test
    void predictsDigitsOfLabelledAndUnlabelledRows() throws IOException {
        Path data = images(100);
        train(data);
        Path unlabelled = Files.writeString(
                folder.resolve("new.csv"),
                Files.readString(data)
                        .lines()
                        .limit(3)
                        .map(line -> line.substring(0, line.lastIndexOf(',')))
                        .collect(Collectors.joining("\n")));
        Path run = folder.resolve("run");

        CommandLineRun fresh = CommandLineRun.of("predict", run.toString(), "--data", unlabelled.toString());
        CommandLineRun known = CommandLineRun.of("predict", run.toString(), "--data", data.toString());

        assertThat(fresh.exitCode()).as(fresh.err()).isZero();
        List<String> lines = fresh.out().lines().toList();
        assertThat(lines).hasSize(4).first().isEqualTo("row,digit,probability,actual");
        assertThat(known.out().lines().toList()).hasSize(101);
        for (int row = 1; row <= 3; row++) {
            assertThat(known.out().lines().toList().get(row)).startsWith(lines.get(row));
        }
    }

    @Test
    void refusesWhatAreNoImages() throws IOException {
        Path file = Files.writeString(folder.resolve("bad.csv"), "1,2,3\n".repeat(100));
        assertThat(train(file).complaint())
                .isEqualTo("gatefold: " + file + ": expected 64 columns of pixels or more, got 3");
        String row = "17" + ",0".repeat(64);
        Files.writeString(file, (row + "\n").repeat(100));
        assertThat(train(file).complaint())
                .isEqualTo("gatefold: " + file + ", line 1, column '1': expected a whole number 0 to 16, got 17.0");
    }
}
