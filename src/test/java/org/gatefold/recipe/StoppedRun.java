package org.gatefold.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.IOException;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.train.report.StepReport;
import org.gatefold.train.report.TrainingListener;

/** Runs that are stopped in the midst of a pass over the data, and gone on with. Stateless. */
final class StoppedRun {
    private static final TrainingListener QUIET = new TrainingListener() {};

    private StoppedRun() {}

    /** Where the run comes from. */
    interface Beginning {
        @MustBeClosed
        Experiment begin() throws IOException;
    }

    /** Trains until a step of the pass of this number, from 1 on, opens the folder anew, and trains to the end. */
    static void stopAndGoOn(Recipe recipe, Beginning beginning, int pass) throws IOException {
        try (Device device = Devices.named("reference")) {
            RunFolder stopped = stopped(recipe, beginning, pass, device);
            assertThat(stopped.isFinished()).isFalse();
            try (Experiment resumed = Experiment.resume(recipe, stopped);
                    Experiment.Training training = resumed.on(device)) {
                training.run(QUIET);
            }
            assertThat(stopped.isFinished()).isTrue();
        }
    }

    private static RunFolder stopped(Recipe recipe, Beginning beginning, int pass, Device device) throws IOException {
        try (Experiment experiment = beginning.begin();
                Experiment.Training training = experiment.on(device)) {
            Experiment.Outcome part = training.run(new TrainingListener() {
                private int passes;

                @Override
                public void started(int epoch, int epochs, int batches) {
                    passes++;
                }

                @Override
                public void stepped(StepReport report) {
                    if (passes == pass) {
                        experiment.stop();
                    }
                }
            });
            assertThat(part.isInterrupted()).isTrue();
            return RunFolder.open(experiment.folder().path(), recipe.describe().name());
        }
    }
}
