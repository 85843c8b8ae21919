package org.gatefold.train.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.Random;
import org.gatefold.data.Batches;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.model.Model;
import org.gatefold.train.Evaluation;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.metric.Metric;
import org.gatefold.train.optimizer.Adam;
import org.gatefold.train.optimizer.Sgd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A module with several inputs and outputs, its losses and metrics by name. */
class SeveralOutputsTest {
    private static final Loss LOSS =
            Loss.sum(Map.of("sum", Loss.mse(), "side", Loss.crossEntropy().times(0.5f)));

    /** The sum of the readings, and on which side of a line the place is. */
    private static Dataset data(int rows, long seed) {
        Random random = new Random(seed);
        float[][] readings = new float[rows][];
        float[][] places = new float[rows][2];
        float[] sums = new float[rows];
        int[] sides = new int[rows];
        for (int row = 0; row < rows; row++) {
            readings[row] = new float[2 + random.nextInt(4)];
            for (int t = 0; t < readings[row].length; t++) {
                readings[row][t] = random.nextFloat() - 0.5f;
                sums[row] += readings[row][t];
            }
            places[row][0] = (float) random.nextGaussian();
            places[row][1] = (float) random.nextGaussian();
            sides[row] = places[row][0] > places[row][1] ? 1 : 0;
        }
        return Dataset.of(Column.rows("place", places), Column.numbers("readings", readings))
                .withTarget(Column.numbers("sum", sums))
                .withTarget(Column.labels("side", sides));
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void bothAreLearnt(String name) {
        try (Device device = Devices.named(name);
                Model model = TwoHeads.on(device)) {
            Metric error = Metric.rmse().on("sum", "sum");
            Metric share = Metric.accuracy().on("side", "side");
            Batches test = Batches.of(data(100, 2), 30);
            Trainer.of(model)
                    .loss(LOSS)
                    .optimizer(Adam.of(0.03f))
                    .validate(test, error, share)
                    .fit(Batches.of(data(300, 1), 20).shuffled(1).bucketed(), 15);
            Evaluation evaluation = Evaluation.of(model, test, LOSS, error, share);
            assertThat(evaluation.metrics()).containsOnlyKeys("sum.rmse", "side.accuracy");
            assertThat(evaluation.metrics().get("sum.rmse")).isLessThan(0.1);
            assertThat(evaluation.metrics().get("side.accuracy")).isGreaterThan(0.95);
            double mse = Evaluation.of(model, test, Loss.mse().on("sum", "sum")).loss();
            double entropy = Evaluation.of(model, test, Loss.crossEntropy().on("side", "side"))
                    .loss();
            assertThat(evaluation.loss()).isCloseTo(mse + 0.5 * entropy, within(1e-6));
        }
    }

    private static float[] trained(Device device, int batch, int accumulated) {
        try (Model model = TwoHeads.on(device)) {
            Trainer.of(model)
                    .loss(LOSS)
                    .optimizer(Sgd.of(0.3f))
                    .accumulate(accumulated)
                    .fit(Batches.of(data(24, 1), batch), 2);
            return model.parameters().values().toFloats();
        }
    }

    @Test
    void sumsAreAccumulatedByRows() {
        try (Device device = Devices.named("reference")) {
            float[] whole = trained(device, 24, 1);
            float[] parts = trained(device, 16, 2);
            for (int i = 0; i < whole.length; i++) {
                assertThat(parts[i]).isCloseTo(whole[i], within(1e-6f));
            }
        }
    }

    @Test
    void inputsThatAreMissingAreNamed() {
        try (Device device = Devices.named("reference");
                Model model = TwoHeads.on(device)) {
            Dataset data = data(4, 1);
            Dataset lacking = Dataset.of(data.inputs().get(1))
                    .withTarget(data.target("sum"))
                    .withTarget(data.target("side"));
            Trainer trainer = Trainer.of(model).loss(LOSS).optimizer(Sgd.of(0.1f));
            assertThatThrownBy(() -> trainer.fit(Batches.of(lacking, 4), 1))
                    .hasMessage("inputs: expected [readings, place], got [readings]");
        }
    }
}
