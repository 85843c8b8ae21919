package org.gatefold.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.recipe.option.UsageException;
import org.gatefold.train.report.EpochReport;
import org.gatefold.train.report.TrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every recipe may find the best epoch by a file of its own, from which nothing is learnt. */
class ValidTest {
    private static final TrainingListener QUIET = new TrainingListener() {};

    @TempDir
    private Path folder;

    static Stream<Recipe> recipes() {
        return Recipes.all().stream();
    }

    private Path file(Recipe recipe, String name) throws IOException {
        return Files.write(folder.resolve(name), Samples.lines(recipe));
    }

    @MustBeClosed
    private Experiment begin(Recipe recipe, Path valid, String out, Map<String, Object> more) throws IOException {
        return Experiment.begin(
                recipe, Samples.small(recipe, more), file(recipe, "data"), valid, null, folder.resolve(out));
    }

    private static Experiment.Outcome run(Experiment experiment, TrainingListener listener) throws IOException {
        try (Device device = Devices.named("cpu");
                Experiment.Training training = experiment.on(device)) {
            return training.run(listener);
        }
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void nothingIsLearntFromIt(Recipe recipe) throws IOException {
        Path whole;
        try (Experiment experiment = begin(recipe, file(recipe, "valid"), "run", Map.of())) {
            Experiment.Outcome outcome = run(experiment, QUIET);
            assertThat(outcome.history().epochs()).allMatch(epoch -> epoch.validationLoss() != null);
            assertThat(experiment.settings("reference")).containsKey("valid");
            whole = experiment.folder().model();
        }
        try (Experiment stopping = begin(recipe, file(recipe, "valid"), "stopped", Map.of())) {
            run(stopping, new TrainingListener() {
                @Override
                public void epochEnded(EpochReport report) {
                    stopping.stop();
                }
            });
        }
        RunFolder stopped =
                RunFolder.open(folder.resolve("stopped"), recipe.describe().name());
        try (Experiment resumed = Experiment.resume(recipe, stopped)) {
            run(resumed, QUIET);
        }
        assertThat(stopped.model()).hasSameBinaryContentAs(whole);
    }

    @Test
    void aFileThatHasChangedOrHasNoRowsIsNamed() throws IOException {
        Recipe recipe = Samples.recipe("classify");
        Path valid = file(recipe, "valid");
        try (Experiment begun = begin(recipe, valid, "run", Map.of())) {
            assertThat(begun.folder().isFinished()).isFalse();
        }
        Files.write(valid, List.of("text,label", "good,1"));
        RunFolder begun = RunFolder.open(folder.resolve("run"), "classify");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Experiment.resume(recipe, begun).close())
                .withMessageStartingWith(valid + ": has changed since the run began: expected SHA-256 ");
    }

    @Test
    void thereIsOneWayToHoldRowsBack() {
        assertThatExceptionOfType(UsageException.class)
                .isThrownBy(() -> begin(
                                Samples.recipe("classify"),
                                file(Samples.recipe("classify"), "valid"),
                                "run",
                                Map.of("validation", 0.2))
                        .close())
                .withMessage("expected --valid or --validation, got both");
    }
}
