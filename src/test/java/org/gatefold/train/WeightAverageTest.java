package org.gatefold.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.gatefold.data.Batches;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.model.Sequential;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Adam;
import org.gatefold.train.report.EpochReport;
import org.gatefold.train.report.History;
import org.gatefold.train.report.StepReport;
import org.gatefold.train.report.TrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Averages against ones computed in double precision from the weights after every update. */
class WeightAverageTest {
    private static final int EPOCHS = 4;

    /** The weights after each update and after each epoch. */
    private static final class Watch implements TrainingListener {
        private final Sequential model;
        private final List<float[]> updates = new ArrayList<>();
        private final List<float[]> epochs = new ArrayList<>();

        Watch(Sequential model) {
            this.model = model;
        }

        @Override
        public void stepped(StepReport report) {
            updates.add(model.parameters().values().toFloats());
        }

        @Override
        public void epochEnded(EpochReport report) {
            epochs.add(model.parameters().values().toFloats());
        }
    }

    private static Batches batches() {
        return Batches.of(Problems.sums(20, 1), 5).shuffled(3);
    }

    private static Trainer trainer(Sequential model) {
        return Trainer.of(model).loss(Loss.mse()).optimizer(Adam.of(0.02f));
    }

    private static void equals(float[] actual, double[] expected) {
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) actual[i]).isCloseTo(expected[i], within(1e-6));
        }
    }

    private static double[] exponential(List<float[]> weights, double decay, boolean warmUp) {
        double[] average = new double[weights.get(0).length];
        for (int n = 0; n < weights.size(); n++) {
            double d = n == 0 ? 0 : warmUp ? Math.min(decay, (1.0 + n) / (10.0 + n)) : decay;
            for (int i = 0; i < average.length; i++) {
                average[i] = d * average[i] + (1 - d) * weights.get(n)[i];
            }
        }
        return average;
    }

    private static double[] mean(List<float[]> weights) {
        double[] mean = new double[weights.get(0).length];
        for (float[] each : weights) {
            for (int i = 0; i < mean.length; i++) {
                mean[i] += (double) each[i] / weights.size();
            }
        }
        return mean;
    }

    private interface Expected {
        double[] of(Watch watch);
    }

    private static void averages(WeightAverage average, Expected expected) {
        for (String name : List.of("reference", "cpu")) {
            try (Device device = Devices.named(name);
                    Sequential model = Problems.regressor(device, 4, 0f)) {
                Watch watch = new Watch(model);
                trainer(model).average(average).listener(watch).fit(batches(), EPOCHS);
                float[] last = model.parameters().values().toFloats();
                equals(last, expected.of(watch));
                assertThat(last).isNotEqualTo(watch.updates.get(watch.updates.size() - 1));
                assertThat(watch.epochs.get(1)).isEqualTo(watch.updates.get(7));
            }
        }
    }

    @Test
    void exponentialAveragesForget() {
        averages(WeightAverage.exponential(0.9), watch -> exponential(watch.updates, 0.9, false));
    }

    @Test
    void aDecayThatWarmsUpForgetsTheFirstWeightsSoon() {
        averages(WeightAverage.exponential(0.99).withWarmUp(), watch -> exponential(watch.updates, 0.99, true));
    }

    @Test
    void stochasticAveragesAreMeansOfEpochs() {
        averages(
                WeightAverage.stochastic(1),
                watch -> mean(List.of(watch.updates.get(7), watch.updates.get(11), watch.updates.get(15))));
    }

    @Test
    void periodsCountFromTheFirst() {
        averages(
                WeightAverage.stochastic(0).ofUpdates(3, 5),
                watch -> mean(List.of(watch.updates.get(2), watch.updates.get(7), watch.updates.get(12))));
        averages(
                WeightAverage.stochastic(0).ofEpochs(0, 2),
                watch -> mean(List.of(watch.updates.get(3), watch.updates.get(11))));
    }

    @Test
    void validatesTheAverage() {
        Batches validation = Batches.of(Problems.sums(16, 2), 16);
        try (Device device = Devices.named("cpu");
                Sequential model = Problems.regressor(device, 4, 0f)) {
            History history = trainer(model)
                    .average(WeightAverage.exponential(0.9))
                    .validate(validation)
                    .fit(batches(), EPOCHS);
            assertThat(Evaluation.of(model, validation, Loss.mse()).loss())
                    .isEqualTo(history.last().validationLoss());
        }
    }

    @Test
    void theBestWeightsAreAverages() {
        Batches validation = Batches.of(Problems.sums(16, 2), 16);
        try (Device device = Devices.named("cpu");
                Sequential model = Problems.regressor(device, 4, 0f)) {
            History history = trainer(model)
                    .optimizer(Adam.of(0.3f))
                    .average(WeightAverage.exponential(0.8))
                    .validate(validation)
                    .earlyStopping(3)
                    .fit(batches(), 40);
            assertThat(history.best().epoch()).isNotEqualTo(history.last().epoch());
            assertThat(Evaluation.of(model, validation, Loss.mse()).loss())
                    .isEqualTo(history.best().validationLoss());
        }
    }

    @Test
    void resumesBitForBit(@TempDir Path directory) {
        for (WeightAverage average :
                List.of(WeightAverage.exponential(0.9).withWarmUp(), WeightAverage.stochastic(1))) {
            Path at = directory.resolve(String.valueOf(average.exponential()));
            try (Device device = Devices.named("cpu");
                    Sequential straight = Problems.regressor(device, 4, 0.1f);
                    Sequential first = Problems.regressor(device, 4, 0.1f);
                    Sequential second = Problems.regressor(device, 4, 0.1f)) {
                trainer(straight).average(average).fit(batches(), EPOCHS);
                trainer(first).average(average).checkpoints(at).fit(batches(), 2);
                trainer(second).average(average).checkpoints(at).resume(true).fit(batches(), EPOCHS);
                assertThat(second.parameters().values().toFloats())
                        .isEqualTo(straight.parameters().values().toFloats());
                assertThatThrownBy(() -> trainer(first)
                                .average(WeightAverage.exponential(0.5))
                                .checkpoints(at)
                                .resume(true)
                                .fit(batches(), 5))
                        .isInstanceOf(CheckpointException.class)
                        .hasMessageContaining(
                                "expected an average of weights that is exponential(0.5) from update 1, every 1, got "
                                        + average.description());
                assertThatThrownBy(() ->
                                trainer(first).checkpoints(at).resume(true).fit(batches(), 5))
                        .hasMessageContaining("expected an average of weights that is null");
            }
        }
    }

    @Test
    void refusesWhatIsNoAverage() {
        assertThatThrownBy(() -> WeightAverage.exponential(1)).hasMessage("decay: expected 0 < decay < 1, got 1.0");
        assertThatThrownBy(() -> WeightAverage.stochastic(-1)).hasMessage("from: expected at least 0, got -1");
        assertThatThrownBy(() -> WeightAverage.stochastic(1).ofEpochs(1, 0))
                .hasMessageContaining("period: expected at least 1, got 0");
    }
}
