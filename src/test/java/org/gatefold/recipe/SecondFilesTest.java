package org.gatefold.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.recipe.option.Options;
import org.gatefold.recipe.translate.Translate;
import org.gatefold.train.report.EpochReport;
import org.gatefold.train.report.TrainingListener;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run on two files, and tests on two more, goes on only with all of them as they were. */
class SecondFilesTest {
    private static final Recipe RECIPE = new Translate();
    private static final List<String> FILES = List.of("train.en", "train.de", "test.en", "test.de");

    @TempDir
    private Path folder;

    @BeforeEach
    void write() throws IOException {
        List<String> lines = Samples.lines(RECIPE);
        write("train.en", lines.subList(0, 80), line -> line.split("\t")[0]);
        write("train.de", lines.subList(0, 80), line -> line.split("\t")[1]);
        write("test.en", lines.subList(80, 100), line -> line.split("\t")[0]);
        write("test.de", lines.subList(80, 100), line -> line.split("\t")[1]);
    }

    private void write(String name, List<String> lines, Function<String, String> text) throws IOException {
        Files.write(folder.resolve(name), lines.stream().map(text).toList());
    }

    @MustBeClosed
    private Experiment begin(String out) throws IOException {
        Map<String, Object> chosen = Map.of(
                "epochs",
                2,
                "hidden",
                3,
                "batch",
                16,
                "target-data",
                folder.resolve("train.de").toString(),
                "target-test",
                folder.resolve("test.de").toString());
        return Experiment.begin(
                RECIPE,
                RECIPE.describe().options().given(chosen),
                folder.resolve("train.en"),
                folder.resolve("test.en"),
                folder.resolve(out));
    }

    private static Experiment.Outcome run(Experiment experiment, TrainingListener listener) throws IOException {
        try (Device device = Devices.named("reference");
                Experiment.Training training = experiment.on(device)) {
            return training.run(listener);
        }
    }

    private RunFolder stopped() throws IOException {
        try (Experiment stopping = begin("stopped")) {
            Experiment.Outcome part = run(stopping, new TrainingListener() {
                @Override
                public void epochEnded(EpochReport report) {
                    stopping.stop();
                }
            });
            assertThat(part.isInterrupted()).isTrue();
        }
        return RunFolder.open(folder.resolve("stopped"), "translate");
    }

    @Test
    void aRunOnTwoFilesGoesOnBitForBit() throws IOException {
        try (Experiment whole = begin("whole")) {
            assertThat(whole.settings("cpu").get("data"))
                    .matches(".*train.en; SHA-256 [0-9a-f]{64}; .*train.de; SHA-256 [0-9a-f]{64}");
            run(whole, new TrainingListener() {});
        }
        RunFolder stopped = stopped();
        try (Experiment resumed = Experiment.resume(RECIPE, stopped)) {
            run(resumed, new TrainingListener() {});
        }
        assertThat(stopped.model()).hasSameBinaryContentAs(folder.resolve("whole/model.safetensors"));
        assertThat(stopped.file("translations.csv"))
                .hasSameTextualContentAs(folder.resolve("whole/translations.csv"))
                .content()
                .hasLineCount(21);
    }

    @Test
    void eachOfTheFilesIsRefusedByNameOnceItHasChanged() throws IOException {
        RunFolder stopped = stopped();
        for (String name : FILES) {
            Path file = folder.resolve(name);
            byte[] before = Files.readAllBytes(file);
            Files.writeString(file, Files.readString(file).replaceFirst("e", "a"));
            assertThatThrownBy(() -> Experiment.resume(RECIPE, stopped))
                    .as(name)
                    .hasMessageStartingWith(file + ": has changed since the run began: expected SHA-256 ");
            Files.delete(file);
            assertThatThrownBy(() -> Experiment.resume(RECIPE, stopped))
                    .as(name)
                    .hasMessage("cannot read " + file + ": no such file");
            Files.write(file, before);
        }
        try (Experiment resumed = Experiment.resume(RECIPE, stopped)) {
            assertThat(resumed.summary()).contains("80 rows to train on, 20 to test");
        }
    }

    @Test
    void theSecondFileIsFoundFromAnotherFolder() throws IOException {
        Path here = Path.of("").toAbsolutePath();
        Options given = RECIPE.describe()
                .options()
                .given(Map.of(
                        "epochs",
                        1,
                        "target-data",
                        here.relativize(folder.resolve("train.de")).toString()));
        try (Experiment begun =
                Experiment.begin(RECIPE, given, folder.resolve("train.en"), null, folder.resolve("relative"))) {
            assertThat(Path.of(begun.settings("cpu").get("--target-data"))).isAbsolute();
        }
    }
}
