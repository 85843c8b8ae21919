package org.gatefold.train.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.gatefold.data.Batches;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.model.Sequential;
import org.gatefold.train.Evaluation;
import org.gatefold.train.Problems;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Adam;
import org.gatefold.train.report.History;
import org.gatefold.train.report.StepReport;
import org.gatefold.train.report.TrainingListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Early stopping that is added to a run when it is resumed: the epochs before kept no weights, so that the last of them is
 * the first that can come back.
 */
class ResumedEarlyStoppingTest {
    private static final int UPDATES = 6;
    private static final Dataset DATA = Problems.sums(44, 1);
    private static final Batches VALIDATION = Batches.of(Problems.sums(16, 2), 16);

    private final Device device = Devices.named("reference");

    @TempDir
    Path directory;

    @AfterEach
    void close() {
        device.close();
    }

    /** Losses go up and down at this rate, so that there is something to stop. */
    private Trainer resumed(Sequential model) {
        return Trainer.of(model)
                .loss(Loss.mse())
                .optimizer(Adam.of(0.3f))
                .validate(VALIDATION)
                .checkpoints(directory)
                .resume(true);
    }

    private static History fit(Trainer trainer, int epochs) {
        return trainer.fit(Batches.of(DATA, 8).shuffled(6), epochs);
    }

    private static History stopped(Trainer trainer, long step) {
        return fit(
                trainer.listener(new TrainingListener() {
                    @Override
                    public void stepped(StepReport report) {
                        if (report.step() == step) {
                            trainer.stop();
                        }
                    }
                }),
                60);
    }

    /** Checks that the best epoch from the given one on, the first of equals, ended the run and gave its weights back. */
    private static void assertStopped(Sequential model, History history, int first, int patience) {
        int best = first;
        for (int epoch = first; epoch < history.epochs().size(); epoch++) {
            if (history.epochs().get(epoch).monitored()
                    < history.epochs().get(best).monitored()) {
                best = epoch;
            }
        }
        assertThat(history.epochs()).hasSize(best + patience + 1);
        assertThat(Evaluation.of(model, VALIDATION, Loss.mse()).loss())
                .isEqualTo(history.epochs().get(best).validationLoss());
    }

    @Test
    void beginsWithTheLastFinishedEpoch() {
        try (Sequential model = Problems.regressor(device, 4, 0f);
                Sequential again = Problems.regressor(device, 4, 0f)) {
            fit(resumed(model), 6);
            History history = fit(resumed(model).earlyStopping(3), 60);
            assertThat(history.end()).isEqualTo(History.End.STOPPED_EARLY);
            assertStopped(model, history, 5, 3);
            assertStopped(again, fit(resumed(again).earlyStopping(3), 60), 5, 3);
        }
    }

    /**
     * Interrupted, resumed with early stopping, interrupted and resumed again: it still begins where it began, although
     * better epochs came before, at a smaller rate.
     */
    @Test
    void goesOnWhereItBegan() {
        try (Sequential model = Problems.regressor(device, 4, 0f)) {
            stopped(resumed(model).optimizer(Adam.of(0.02f)), 4 * UPDATES + 2);
            History interrupted = stopped(resumed(model).earlyStopping(4), 4 * UPDATES + 3);
            assertThat(interrupted.epochs()).hasSize(4);
            stopped(resumed(model).earlyStopping(4), 5 * UPDATES + 3);
            History history = fit(resumed(model).earlyStopping(4), 60);
            assertThat(history.bestEpoch()).isLessThan(4);
            assertStopped(model, history, 4, 4);
        }
    }

    @Test
    void beginsWithTheFirstEpochWhereNoneWasFinished() {
        try (Sequential model = Problems.regressor(device, 4, 0f)) {
            stopped(resumed(model), 2);
            assertStopped(model, fit(resumed(model).earlyStopping(3), 60), 0, 3);
        }
    }

    @Test
    void hasNothingToGiveBackWhereNoEpochIsLeft() {
        try (Sequential model = Problems.regressor(device, 4, 0f)) {
            fit(resumed(model), 3);
            float[] weights = model.parameters().values().toFloats();
            History history = fit(resumed(model).earlyStopping(3), 3);
            assertThat(history.epochs()).hasSize(3);
            assertThat(model.parameters().values().toFloats()).isEqualTo(weights);
        }
    }
}
