package org.gatefold.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.gatefold.data.Batches;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Sequential;
import org.gatefold.tensor.Form;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.metric.Metric;
import org.gatefold.train.optimizer.Adam;
import org.gatefold.train.report.History;
import org.gatefold.train.report.StepReport;
import org.gatefold.train.report.TrainingListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Training on several devices beside one that has whole batches. */
abstract class DevicesContract {
    private static final int EPOCHS = 3;

    @TempDir
    Path directory;

    private List<Device> devices;

    /** Weights after a run, losses of its updates, and how it went. */
    private static final class Result {
        private final float[] weights;
        private final List<Float> losses;
        private final History history;

        Result(float[] weights, List<Float> losses, History history) {
            this.weights = weights;
            this.losses = losses;
            this.history = history;
        }

        float[] weights() {
            return weights;
        }

        List<Float> losses() {
            return losses;
        }

        History history() {
            return history;
        }
    }

    /** Three devices. */
    abstract List<Device> open();

    @BeforeEach
    final void openDevices() {
        devices = open();
    }

    @AfterEach
    final void closeDevices() {
        devices.forEach(device -> assertThat(device.bytesInUse()).isZero());
        devices.forEach(Device::close);
    }

    /** 26 rows in batches of 8: the last batch has 2 rows, so that a third device has none of it. */
    private static Batches batches() {
        return Batches.of(Problems.sums(26, 1), 8).shuffled(4);
    }

    private Result run(int count, Batches batches, UnaryOperator<Trainer> more) {
        try (Sequential model = Sequential.on(devices.get(0))
                .seed(3)
                .add(Lstm.of(5).layers(2))
                .add(Linear.of(1))
                .build(1)) {
            return run(model, count, batches, more);
        }
    }

    private Result run(Sequential model, int count, Batches batches, UnaryOperator<Trainer> more) {
        List<Float> losses = new ArrayList<>();
        Trainer trainer = Trainer.of(model)
                .loss(Loss.mse())
                .optimizer(Adam.of(0.01f).epsilon(1e-3f))
                .seed(8)
                .clipNorm(0.5f)
                .devices(devices.subList(0, count))
                .listener(new TrainingListener() {
                    @Override
                    public void stepped(StepReport report) {
                        losses.add(report.loss());
                    }
                });
        History history = more.apply(trainer).fit(batches, EPOCHS);
        return new Result(model.parameters().values().toFloats(), losses, history);
    }

    private static void requireClose(Result expected, Result actual) {
        assertThat(actual.losses()).hasSameSizeAs(expected.losses());
        for (int i = 0; i < expected.losses().size(); i++) {
            float loss = expected.losses().get(i);
            assertThat(actual.losses().get(i)).as("loss %d", i).isCloseTo(loss, within(1e-5f * loss));
        }
        for (int i = 0; i < expected.weights().length; i++) {
            assertThat(actual.weights()[i]).as("weight %d", i).isCloseTo(expected.weights()[i], within(2e-5f));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void devicesLearnWhatOneWithWholeBatchesLearns(int count) {
        Result expected = run(1, batches(), trainer -> trainer.devices(devices.subList(0, 1)));
        Result actual = run(count, batches(), trainer -> trainer);
        assertThat(expected.losses().get(11)).isLessThan(expected.losses().get(0));
        requireClose(expected, actual);
        Result again = run(count, batches(), trainer -> trainer);
        assertThat(again.weights()).isEqualTo(actual.weights());
        assertThat(again.losses()).isEqualTo(actual.losses());
    }

    @Test
    void accumulatedBatchesAreSharedToo() {
        requireClose(run(1, batches(), t -> t.accumulate(2)), run(3, batches(), t -> t.accumulate(2)));
    }

    @Test
    void theFirstDeviceValidatesAndTheBestWeightsAreKept() {
        Batches validation = Batches.of(Problems.sums(9, 2), 9);
        UnaryOperator<Trainer> more = trainer ->
                trainer.validate(validation, Metric.mae()).monitor("mae", false).earlyStopping(1);
        Result expected = run(1, batches(), more);
        Result actual = run(2, batches(), more);
        requireClose(expected, actual);
        assertThat(actual.history().last().metrics()).containsOnlyKeys("mae");
        assertThat(actual.history().bestEpoch()).isEqualTo(expected.history().bestEpoch());
    }

    /** Stopped within the second epoch, and gone on with on as many devices. */
    @Test
    void aRunThatWasStoppedGoesOnBitForBit() {
        Result whole = run(2, batches(), trainer -> trainer);
        Result part =
                run(2, batches(), trainer -> trainer.checkpoints(directory).listener(new TrainingListener() {
                    @Override
                    public void stepped(StepReport report) {
                        if (report.epoch() == 1 && report.batch() == 1) {
                            trainer.stop();
                        }
                    }
                }));
        assertThat(part.history().end()).isEqualTo(History.End.INTERRUPTED);
        Result rest =
                run(2, batches(), trainer -> trainer.checkpoints(directory).resume(true));
        assertThat(rest.weights()).isEqualTo(whole.weights());
        assertThat(part.losses().size() + rest.losses().size())
                .isEqualTo(whole.losses().size());
    }

    /** Frozen parameters stay, in the middle of others; a table that is updated by rows is so by the rows of all. */
    @Test
    void frozenParametersAndTouchedRowsAreThoseOfTheModel() {
        int[][] ids = new int[24][];
        float[] targets = new float[24];
        for (int row = 0; row < ids.length; row++) {
            ids[row] = new int[] {row % 20, (3 * row + 1) % 20, (7 * row) % 20};
            targets[row] = row % 5 - 2;
        }
        Batches batches =
                Batches.of(Dataset.of(Column.tokens("words", ids)).withTarget(Column.numbers("y", targets)), 8);
        List<Result> results = new ArrayList<>();
        for (int count : new int[] {1, 2}) {
            try (Sequential model = Sequential.on(devices.get(0))
                    .seed(4)
                    .add(Embedding.of(50, 5).lazy())
                    .add(Lstm.of(6))
                    .add(Linear.of(1))
                    .build(Form.tokens())) {
                model.parameters().freeze("lstm");
                float[] frozen =
                        model.parameters().get("lstm.0.forward.wh").value().toFloats();
                results.add(run(model, count, batches, trainer -> trainer));
                assertThat(model.parameters().get("lstm.0.forward.wh").value().toFloats())
                        .isEqualTo(frozen);
            }
        }
        requireClose(results.get(0), results.get(1));
    }

    @Test
    void whatIsNotFiniteIsNamedAndNothingIsLeftBehind() {
        float[][][] inputs = new float[8][3][1];
        inputs[7][1][0] = Float.NaN;
        Batches batches = Batches.of(Dataset.of(inputs).withTargets(new float[8][1]), 8);
        assertThatThrownBy(() -> run(2, batches, trainer -> trainer))
                .isInstanceOf(NotFiniteException.class)
                .hasMessageContaining("at step 1 (epoch 0, batch 0)");
    }

    @Test
    void whatCannotWorkTogetherIsRefused() {
        assertThatThrownBy(() -> run(1, batches(), trainer -> trainer.devices(devices.subList(1, 3))))
                .hasMessageStartingWith(
                        "devices: expected that of the model, " + devices.get(0).name() + ", among them, got [");
        Device twice = devices.get(1);
        assertThatThrownBy(() -> run(1, batches(), trainer -> trainer.devices(List.of(devices.get(0), twice, twice))))
                .hasMessage("devices: expected each once, got " + twice.name() + " twice");
        assertThatThrownBy(() -> run(1, batches(), trainer -> trainer.devices(List.of())))
                .hasMessage("devices: expected at least one, got none");
        assertThatThrownBy(() -> run(3, Batches.of(Problems.sums(6, 1), 2), trainer -> trainer))
                .hasMessage("batches: expected at least 3 rows, one for each part, got 2");
    }
}
