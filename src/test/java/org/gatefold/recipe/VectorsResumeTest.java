package org.gatefold.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.recipe.option.Options;
import org.gatefold.train.report.EpochReport;
import org.gatefold.train.report.TrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that begins with vectors of a file ends as one that was stopped and gone on with, wherever that was. */
class VectorsResumeTest {
    private static final Recipe RECIPE = Samples.recipe("classify");
    private static final TrainingListener QUIET = new TrainingListener() {};

    @TempDir
    private Path folder;

    @MustBeClosed
    private Experiment begin(String out) throws IOException {
        Path data = Files.write(folder.resolve("sample"), Samples.lines(RECIPE));
        Path vectors = Files.writeString(folder.resolve("vectors"), "the 1 2\nfilm 2 3\nand 0.5 1\n");
        Options options = RECIPE.describe()
                .options()
                .given(Map.of("epochs", 2, "hidden", 2, "validation", 0.2, "vectors", vectors.toString()));
        return Experiment.begin(RECIPE, options, data, null, folder.resolve(out));
    }

    private static void run(Experiment experiment, TrainingListener listener) throws IOException {
        try (Device device = Devices.named("reference");
                Experiment.Training training = experiment.on(device)) {
            training.run(listener);
        }
    }

    private Path resume(String out) throws IOException {
        try (Experiment resumed = Experiment.resume(RECIPE, RunFolder.open(folder.resolve(out), "classify"))) {
            run(resumed, QUIET);
            return resumed.folder().model();
        }
    }

    @Test
    void endsTheSame() throws IOException {
        Path whole;
        try (Experiment experiment = begin("whole")) {
            run(experiment, QUIET);
            whole = experiment.folder().model();
        }
        try (Experiment begun = begin("begun")) {
            assertThat(begun.folder().isFinished()).isFalse();
        }
        assertThat(resume("begun")).hasSameBinaryContentAs(whole);
        try (Experiment stopped = begin("stopped")) {
            run(stopped, new TrainingListener() {
                @Override
                public void epochEnded(EpochReport report) {
                    stopped.stop();
                }
            });
        }
        assertThat(resume("stopped")).hasSameBinaryContentAs(whole);
    }

    @Test
    void aFileThatHasChangedIsNamed() throws IOException {
        try (Experiment begun = begin("run")) {
            assertThat(begun.folder().isFinished()).isFalse();
        }
        Path vectors = Files.writeString(folder.resolve("vectors"), "the 1 2\nfilm 2 4\n");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> resume("run"))
                .withMessageMatching(vectors + ": has changed since the run began: expected SHA-256 [0-9a-f]{64}, got"
                        + " [0-9a-f]{64}; bring it back, or begin a new run");
    }
}
