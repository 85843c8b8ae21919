package org.gatefold.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.errorprone.annotations.MustBeClosed;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.gatefold.data.Batches;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.norm.BatchNorm;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Sequential;
import org.gatefold.tensor.Form;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.metric.Metric;
import org.gatefold.train.optimizer.Adam;
import org.gatefold.train.optimizer.Optimizer;
import org.gatefold.train.optimizer.Sgd;
import org.gatefold.train.parallel.Collective;
import org.gatefold.train.parallel.CollectiveException;
import org.gatefold.train.parallel.Workers;
import org.gatefold.train.report.History;
import org.gatefold.train.report.StepReport;
import org.gatefold.train.report.TrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several workers against one that has all their rows in batches as large as theirs together. */
class ReplicasTest {
    private static final int BATCH = 4;

    @TempDir
    Path directory;

    @MustBeClosed
    private static Sequential lstm(Device device) {
        return Sequential.on(device)
                .seed(3)
                .add(Lstm.of(5).layers(2))
                .add(Linear.of(1))
                .build(1);
    }

    private static Dataset data(int rows) {
        return Problems.sums(rows, 1);
    }

    /** The rows of a worker: of every joint batch those at its place, so that joint batches have the same rows as one worker's. */
    private static Dataset rowsOf(Dataset data, int worker, int workers) {
        int[] rows = IntStream.range(0, data.size())
                .filter(row -> row / BATCH % workers == worker)
                .toArray();
        return data.select(rows);
    }

    private static Trained alone(Dataset data, int batch, Optimizer optimizer, UnaryOperator<Trainer> more) {
        try (Device device = Devices.named("cpu");
                Sequential model = lstm(device)) {
            return Trained.of(model, more.apply(trainer(model, optimizer)).fit(Batches.of(data, batch), 3));
        }
    }

    private static Trainer trainer(Sequential model, Optimizer optimizer) {
        return Trainer.of(model).loss(Loss.mse()).optimizer(optimizer).seed(8);
    }

    private static List<Trained> together(int workers, Dataset data, Optimizer optimizer, UnaryOperator<Trainer> more)
            throws Exception {
        return Workers.run(workers, with -> {
            try (Device device = Devices.named("cpu");
                    Sequential model = lstm(device)) {
                Batches batches = Batches.of(rowsOf(data, with.rank(), workers), BATCH);
                Trainer trainer = trainer(model, optimizer).workers(with);
                return Trained.of(model, more.apply(trainer).fit(batches, 3));
            }
        });
    }

    private static void requireClose(Trained expected, Trained actual) {
        for (int i = 0; i < expected.weights().length; i++) {
            assertThat(actual.weights()[i]).as("weight %d", i).isCloseTo(expected.weights()[i], within(2e-5f));
        }
        for (int epoch = 0; epoch < 3; epoch++) {
            assertThat(actual.loss(epoch)).isCloseTo(expected.loss(epoch), within(1e-5 * expected.loss(epoch)));
        }
    }

    /** 26 rows: the last joint batch has 2 of 8, or of 12, rows, all of them one worker's. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void workersLearnWhatOneWithTheirBatchesLearns(int workers) throws Exception {
        Dataset data = data(26);
        UnaryOperator<Trainer> more = trainer -> trainer.clipNorm(0.5f);
        Trained expected = alone(data, workers * BATCH, Adam.of(0.01f).epsilon(1e-3f), more);
        List<Trained> actual = together(workers, data, Adam.of(0.01f).epsilon(1e-3f), more);
        assertThat(expected.loss(2)).isLessThan(0.9 * expected.loss(0));
        requireClose(expected, actual.get(0));
        for (Trained other : actual) {
            assertThat(other.weights()).isEqualTo(actual.get(0).weights());
            assertThat(other.loss(2)).isEqualTo(actual.get(0).loss(2));
        }
        List<Trained> again = together(workers, data, Adam.of(0.01f).epsilon(1e-3f), more);
        assertThat(again.get(0).weights()).isEqualTo(actual.get(0).weights());
    }

    @Test
    void accumulatedBatchesAreJoinedToo() throws Exception {
        Dataset data = data(40);
        Trained expected = alone(data, 4 * BATCH, Sgd.of(0.1f), trainer -> trainer);
        requireClose(
                expected,
                together(2, data, Sgd.of(0.1f), trainer -> trainer.accumulate(2))
                        .get(0));
    }

    /** An average of weights after every update of plain descent is the update of the averaged gradients. */
    @Test
    void averagesAfterEveryUpdateAreExchangedGradients() throws Exception {
        Dataset data = data(26);
        Trained expected = alone(data, 2 * BATCH, Sgd.of(0.1f), trainer -> trainer);
        List<Trained> actual = together(2, data, Sgd.of(0.1f), trainer -> trainer.averageEvery(1));
        assertThat(actual.get(1).weights()).isEqualTo(actual.get(0).weights());
        for (int i = 0; i < expected.weights().length; i++) {
            assertThat(actual.get(0).weights()[i]).isCloseTo(expected.weights()[i], within(2e-5f));
        }
    }

    @Test
    void rareAveragesAreRepeatableAndLearn() throws Exception {
        Dataset data = data(50);
        UnaryOperator<Trainer> rare = trainer -> trainer.averageEvery(3);
        List<Trained> actual = together(3, data, Adam.of(0.01f), rare);
        assertThat(actual.get(0).loss(2)).isLessThan(0.8 * actual.get(0).loss(0));
        for (Trained other : together(3, data, Adam.of(0.01f), rare)) {
            assertThat(other.weights()).isEqualTo(actual.get(2).weights());
            assertThat(other.history().last().trainingLoss())
                    .isEqualTo(actual.get(0).loss(2));
        }
    }

    /** The first worker alone validates; the others hear of it, stop with it and take its best weights. */
    @Test
    void allHearWhatTheFirstMeasures() throws Exception {
        Dataset data = data(26);
        Batches validation = Batches.of(Problems.sums(9, 2), 9);
        List<Trained> actual = Workers.run(2, with -> {
            try (Device device = Devices.named("cpu");
                    Sequential model = lstm(device)) {
                Trainer trainer = trainer(model, Sgd.of(2f)).earlyStopping(2).workers(with);
                if (with.rank() == 0) {
                    trainer.validate(validation, Metric.mae()).monitor("mae", false);
                } else {
                    trainer.monitor("mae", false);
                }
                return Trained.of(model, trainer.fit(Batches.of(rowsOf(data, with.rank(), 2), BATCH), 30));
            }
        });
        History history = actual.get(0).history();
        assertThat(history.end()).isEqualTo(History.End.STOPPED_EARLY);
        assertThat(actual.get(1).history().end()).isEqualTo(History.End.STOPPED_EARLY);
        assertThat(actual.get(1).history().last().metrics())
                .isEqualTo(history.last().metrics());
        assertThat(history.last().metrics()).containsOnlyKeys("mae");
        assertThat(actual.get(1).weights()).isEqualTo(actual.get(0).weights());
    }

    /** Stopped by the second worker in the second epoch, and gone on with from the files of the first. */
    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void aStopOfOneStopsAllAndTheRestFollowsFromTheCheckpoint(int averageEvery) throws Exception {
        Dataset data = data(50);
        UnaryOperator<Trainer> often = averageEvery == 0 ? trainer -> trainer : t -> t.averageEvery(averageEvery);
        List<Trained> whole = together(2, data, Adam.of(0.01f), often);
        List<Trained> part = together(2, data, Adam.of(0.01f), trainer -> often.apply(trainer)
                .checkpoints(directory)
                .listener(new TrainingListener() {
                    @Override
                    public void stepped(StepReport report) {
                        if (trainer.workers.rank() == 1 && report.epoch() == 1 && report.batch() == 2) {
                            trainer.stop();
                        }
                    }
                }));
        assertThat(part).allSatisfy(result -> {
            assertThat(result.history().end()).isEqualTo(History.End.INTERRUPTED);
            assertThat(result.history().epochs()).hasSize(1);
        });
        List<Trained> rest = together(2, data, Adam.of(0.01f), trainer -> often.apply(trainer)
                .checkpoints(directory)
                .resume(true));
        assertThat(rest.get(0).weights()).isEqualTo(whole.get(0).weights());
        assertThat(rest.get(1).weights()).isEqualTo(whole.get(0).weights());
        for (int epoch = 0; epoch < 3; epoch++) {
            assertThat(rest.get(1).loss(epoch)).isCloseTo(whole.get(0).loss(epoch), within(1e-12));
        }
    }

    @Test
    void whoFailsFailsAllWithItsReason() throws Exception {
        Dataset data = data(26);
        List<Workers.Outcome<History>> outcomes = Workers.outcomes(3, Duration.ofSeconds(60), with -> {
            try (Device device = Devices.named("cpu");
                    Sequential model = lstm(device)) {
                Trainer trainer = trainer(model, Sgd.of(0.1f)).workers(with).listener(new TrainingListener() {
                    @Override
                    public void stepped(StepReport report) {
                        if (with.rank() == 1) {
                            throw new IllegalStateException("the disk is full");
                        }
                    }
                });
                return trainer.fit(Batches.of(rowsOf(data, with.rank(), 3), BATCH), 3);
            }
        });
        assertThat(outcomes.get(1).failure()).hasMessage("the disk is full");
        for (int worker : new int[] {0, 2}) {
            assertThat(outcomes.get(worker).failure())
                    .isInstanceOf(CollectiveException.class)
                    .hasMessage("worker 1 gave up: the disk is full");
        }
    }

    @Test
    void differentSettingsAndWeightsAreRefused() throws Exception {
        assertThat(failures(with -> 3L, with -> trainer -> trainer.seed(with.rank())))
                .allSatisfy(
                        message -> assertThat(message).isEqualTo("worker 1: expected the seed of worker 0, 0, got 1"));
        assertThat(failures(with -> (long) with.rank(), with -> trainer -> trainer))
                .allSatisfy(message -> assertThat(message)
                        .isEqualTo("parameter 'lstm.0.forward.wx': expected the same first values in all workers;"
                                + " give them the same seed or the same file"));
    }

    private interface Of<T> {
        T worker(Collective with);
    }

    private static List<String> failures(Of<Long> seed, Of<UnaryOperator<Trainer>> more) throws Exception {
        List<String> messages = new ArrayList<>();
        for (Workers.Outcome<History> outcome : Workers.outcomes(2, Duration.ofSeconds(60), with -> {
            try (Device device = Devices.named("cpu");
                    Sequential model = Sequential.on(device)
                            .seed(seed.worker(with))
                            .add(Lstm.of(5))
                            .add(Linear.of(1))
                            .build(1)) {
                Trainer trainer = trainer(model, Sgd.of(0.1f)).workers(with);
                return more.worker(with).apply(trainer).fit(Batches.of(data(8), BATCH), 1);
            }
        })) {
            messages.add(outcome.failure().getMessage());
        }
        return messages;
    }

    /** A table that is updated by rows is updated by those that any worker has looked up. */
    @Test
    void touchedRowsAreThoseOfAll() throws Exception {
        int[][] ids = new int[24][];
        float[] targets = new float[24];
        for (int row = 0; row < ids.length; row++) {
            ids[row] = new int[] {row % 20, (3 * row + 1) % 20, (7 * row) % 20};
            targets[row] = row % 5 - 2;
        }
        Dataset data = Dataset.of(Column.tokens("words", ids)).withTarget(Column.numbers("y", targets));
        float[] expected = embedded(data, 2 * BATCH, null);
        List<float[]> actual = Workers.run(2, with -> embedded(rowsOf(data, with.rank(), 2), BATCH, with));
        assertThat(actual.get(1)).isEqualTo(actual.get(0));
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual.get(0)[i]).isCloseTo(expected[i], within(2e-5f));
        }
    }

    private static float[] embedded(Dataset data, int batch, Collective workers) {
        try (Device device = Devices.named("cpu");
                Sequential model = Sequential.on(device)
                        .seed(4)
                        .add(Embedding.of(50, 5).lazy())
                        .add(Lstm.of(6))
                        .add(Linear.of(1))
                        .build(Form.tokens())) {
            Trainer trainer = trainer(model, Adam.of(0.02f).epsilon(1e-3f)).workers(workers);
            trainer.fit(Batches.of(data, batch), 2);
            return model.parameters().values().toFloats();
        }
    }

    /** Running statistics are of each worker's batches, and one average of them after every epoch. */
    @Test
    void runningStatisticsAreAveraged() throws Exception {
        List<float[]> weights = Workers.run(2, with -> {
            try (Device device = Devices.named("cpu");
                    Sequential model = Sequential.on(device)
                            .seed(4)
                            .add(Lstm.of(4))
                            .add(BatchNorm.create())
                            .add(Linear.of(1))
                            .build(1)) {
                trainer(model, Sgd.of(0.05f)).workers(with).fit(Batches.of(rowsOf(data(40), with.rank(), 2), BATCH), 2);
                return model.parameters().values().toFloats();
            }
        });
        assertThat(weights.get(1)).isEqualTo(weights.get(0));
    }
}
