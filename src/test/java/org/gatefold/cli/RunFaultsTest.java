package org.gatefold.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs are gone on with as they began, or not at all. */
class RunFaultsTest {
    @TempDir
    private Path folder;

    private Path data;
    private Path run;

    @BeforeEach
    void train() throws IOException {
        data = CommandLineRun.seasons(folder, 60);
        run = folder.resolve("run");
        List<String> arguments = new ArrayList<>(List.of("train", "forecast", "--data", data.toString()));
        arguments.addAll(List.of("--column", "value", "--window", "6", "--hidden", "4", "--epochs", "2"));
        arguments.addAll(List.of("--device", "reference", "--out", run.toString()));
        arguments.addAll(List.of("--validation", "0"));
        assertThat(CommandLineRun.of(arguments.toArray(String[]::new)).exitCode())
                .isZero();
    }

    /** As if it had been killed before its last files were written. */
    private void unfinish() throws IOException {
        Files.delete(run.resolve("metrics.json"));
        Files.delete(run.resolve("model.safetensors"));
    }

    private CommandLineRun resume() {
        return CommandLineRun.resumed(run);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(run)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private List<Long> times() throws IOException {
        List<Long> times = new ArrayList<>();
        for (Path file : files()) {
            times.add(Files.getLastModifiedTime(file).toMillis());
        }
        return times;
    }

    @Test
    void aFinishedRunIsLeftAlone() throws IOException {
        List<Path> files = files();
        List<Long> times = times();
        Files.writeString(data, "value\n1\n");

        CommandLineRun again = resume();

        assertThat(again.exitCode()).as(again.err()).isZero();
        assertThat(again.out()).isEqualTo("the run in " + run + " is finished; it is left as it is\n");
        assertThat(again.err()).isEmpty();
        assertThat(files()).isEqualTo(files);
        assertThat(times()).isEqualTo(times);
    }

    @Test
    void aRunThatLacksOnlyItsLastFilesIsCompletedWithoutTraining() throws IOException {
        String forecast = Files.readString(run.resolve("forecast.csv"));
        unfinish();
        CommandLineRun again = resume();
        assertThat(again.exitCode()).as(again.err()).isZero();
        assertThat(again.err()).doesNotContain("epoch 3").doesNotContain("going on");
        assertThat(run.resolve("forecast.csv")).hasContent(forecast);
        assertThat(run.resolve("metrics.json")).isNotEmptyFile();
    }

    @Test
    void changedDataIsRefusedByName() throws IOException {
        unfinish();
        String text = Files.readString(data);
        Files.writeString(data, text.replaceFirst("50\\.000", "5000.000"));
        CommandLineRun again = resume();
        assertThat(again.complaint())
                .startsWith("gatefold: " + data + ": has changed since the run began: expected SHA-256 ")
                .endsWith("; bring it back, or begin a new run");
        assertThat(again.exitCode()).isEqualTo(1);
        assertThat(run.resolve("model.safetensors")).doesNotExist();

        Files.writeString(data, text);
        assertThat(resume().exitCode()).isZero();
    }

    @Test
    void theRunKeepsItsPreparation() throws IOException {
        String settings = Files.readString(run.resolve("settings.json"));
        assertThat(settings).contains("\"fields\"", "\"offset\"", "\"dataSha256\"");
        String model = CommandLineRun.of("info", run.toString()).out();
        String offset = settings.lines()
                .filter(line -> line.contains("\"offset\""))
                .map(String::strip)
                .findFirst()
                .orElseThrow();
        assertThat(model).contains(offset);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"window\": 6|\"window\": 0|options.window: expected at least 1, got 0",
                "\"epochs\": 2|\"epochs\": null|options.epochs: expected a whole number of",
                "\"epochs\": 2,||options.epochs: is missing",
                "\"hidden\": 4|\"hidden\": \"many\"|options.hidden: expected a whole number of",
                "\"lr\": 0.003|\"lr\": -1|options.lr: expected a number above 0, got -1.0",
                "\"scale\": \"STANDARD\"|\"scale\": \"odd\"|options.scale: expected one of [STANDARD, MINMAX, NONE], got odd",
                "\"features\": []|\"features\": [3]|options.features[0]: expected a text, got 3",
                "\"precision\": \"F32\"|\"precision\": 32|options.precision: expected a text, got 32",
                "\"changeScale\"|\"changescale\"|fields.target.changeScale: is missing",
                "\"recipe\": \"forecast\"|\"recipe\": \"image\"|recipe: expected forecast, got image",
                "\"dataSha256\": |\"dataSha256\": 1, \"x\": |dataSha256: expected a text, got 1",
                "{|[|is no JSON",
            })
    void damagedSettingsNameFileAndField(String written, String damage, String complaint) throws IOException {
        unfinish();
        Path settings = run.resolve("settings.json");
        String text = Files.readString(settings);
        assertThat(text).contains(written);
        Files.writeString(settings, text.replace(written, damage == null ? "" : damage));
        CommandLineRun again = resume();
        assertThat(again.complaint()).startsWith("gatefold: " + settings + ": " + complaint);
        assertThat(again.exitCode()).isEqualTo(1);
    }

    @Test
    void damagedMetadataOfModelsNameFileAndField() throws IOException {
        Path model = run.resolve("model.safetensors");
        String bytes = new String(Files.readAllBytes(model), StandardCharsets.ISO_8859_1);
        // Of the same length, so that the rest of the file stays where it is.
        assertThat(bytes).contains("\\\"window\\\": 6");
        Files.write(
                model, bytes.replace("\\\"window\\\": 6", "\\\"window\\\": 0").getBytes(StandardCharsets.ISO_8859_1));
        CommandLineRun predicted = CommandLineRun.of("predict", run.toString(), "--data", data.toString());
        assertThat(predicted.complaint())
                .isEqualTo("gatefold: model " + model + ": options.window: expected at least 1, got 0");
    }

    @Test
    void scoresTooLongToBeThatAreNotRead() throws IOException {
        Path metrics = run.resolve("metrics.json");
        try (FileChannel file = FileChannel.open(metrics, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(new byte[1]), 3_000_000_000L);
        }
        CommandLineRun info = CommandLineRun.of("info", run.toString());
        assertThat(info.complaint())
                .isEqualTo("gatefold: " + metrics + ": has 3,000,000,001 bytes; expected at most 67,108,864");
        assertThat(info.exitCode()).isEqualTo(1);
    }
}
