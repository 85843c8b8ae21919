package org.gatefold.train.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import org.gatefold.data.Batches;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.model.Sequential;
import org.gatefold.train.Evaluation;
import org.gatefold.train.LossScaling;
import org.gatefold.train.Problems;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Adam;
import org.gatefold.train.optimizer.Sgd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A loss that a program wrote is one like those that are built in. */
class UserLossTest {
    private static final Loss LOSS = new LogCosh(2);

    @TempDir
    Path directory;

    private static Trainer trainer(Sequential model) {
        return Trainer.of(model).loss(LOSS).optimizer(Adam.of(0.01f)).clipNorm(1f);
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void isMinimised(String name) {
        try (Device device = Devices.named(name);
                Sequential model = Problems.regressor(device, 8, 0f)) {
            Batches validation = Batches.of(Problems.sums(64, 2), 20);
            double before = Evaluation.of(model, validation, LOSS).loss();
            trainer(model).validate(validation).fit(Batches.of(Problems.sums(512, 1), 32), 12);
            assertThat(Evaluation.of(model, validation, LOSS).loss()).isLessThan(before / 20);
        }
    }

    private static float[] weights(Device device, Dataset data, int batch, int accumulated, LossScaling scaling) {
        try (Sequential model = Problems.regressor(device, 5, 0f)) {
            Trainer.of(model)
                    .loss(LOSS)
                    .optimizer(Sgd.of(0.1f))
                    .accumulate(accumulated)
                    .lossScaling(scaling)
                    .fit(Batches.of(data, batch), 2);
            return model.parameters().values().toFloats();
        }
    }

    /** 16 and 8 rows, of which some count half, are 24 rows; and a scale that is undone leaves no trace. */
    @Test
    void isAccumulatedByWeightAndScaled() {
        float[] rowWeights = new float[24];
        for (int row = 0; row < 24; row++) {
            rowWeights[row] = row % 3 == 0 ? 0.5f : 1f;
        }
        Dataset data = Problems.sums(24, 1).withWeights(rowWeights);
        try (Device device = Devices.named("reference")) {
            float[] whole = weights(device, data, 24, 1, LossScaling.none());
            float[] parts = weights(device, data, 16, 2, LossScaling.none());
            for (int i = 0; i < whole.length; i++) {
                assertThat(parts[i]).isCloseTo(whole[i], within(1e-6f));
            }
            assertThat(weights(device, data, 24, 1, LossScaling.fixed(1024f))).isEqualTo(whole);
        }
    }

    @Test
    void isKeptInCheckpointsByItsDescription() {
        Batches data = Batches.of(Problems.sums(16, 1), 8);
        try (Device device = Devices.named("reference");
                Sequential model = Problems.regressor(device, 3, 0f)) {
            trainer(model).checkpoints(directory).fit(data, 1);
            trainer(model).checkpoints(directory).resume(true).fit(data, 2);
            Trainer other =
                    trainer(model).loss(new LogCosh(3)).checkpoints(directory).resume(true);
            assertThatThrownBy(() -> other.fit(data, 3))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessage("checkpoint " + directory + ": expected loss log-cosh(3.0), got log-cosh(2.0)");
        }
    }
}
