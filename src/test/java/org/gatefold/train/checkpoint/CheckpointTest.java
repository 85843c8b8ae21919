package org.gatefold.train.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.gatefold.data.Batches;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.file.Safetensors;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Sequential;
import org.gatefold.tensor.Shape;
import org.gatefold.train.Problems;
import org.gatefold.train.Schedule;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.metric.Metric;
import org.gatefold.train.optimizer.AdaMax;
import org.gatefold.train.optimizer.Adadelta;
import org.gatefold.train.optimizer.Adagrad;
import org.gatefold.train.optimizer.Adam;
import org.gatefold.train.optimizer.GradientNoise;
import org.gatefold.train.optimizer.Lamb;
import org.gatefold.train.optimizer.NAdam;
import org.gatefold.train.optimizer.Optimizer;
import org.gatefold.train.optimizer.RmsProp;
import org.gatefold.train.optimizer.Sgd;
import org.gatefold.train.report.History;
import org.gatefold.train.report.StepReport;
import org.gatefold.train.report.TrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {
    @TempDir
    Path directory;

    private static final Dataset DATA = Problems.sums(44, 1);
    private static final Dataset VALIDATION = Problems.sums(16, 2);

    /** Dropout, shuffling, a schedule that looks at losses, early stopping: all that has state. */
    private static Trainer trainer(Sequential model) {
        return Trainer.of(model)
                .loss(Loss.mse())
                .optimizer(Adam.of(0.02f))
                .clipNorm(1f)
                .gradientNoise(GradientNoise.of(0.001))
                .seed(9)
                .schedule(Schedule.warmUp(1, Schedule.onPlateau(0.5, 0)))
                .validate(Batches.of(VALIDATION, 16), Metric.mae())
                .earlyStopping(100);
    }

    private static Batches batches() {
        return Batches.of(DATA, 8).shuffled(6).bucketed();
    }

    private static TrainingListener stopAt(Trainer trainer, long step) {
        return new TrainingListener() {
            @Override
            public void stepped(StepReport report) {
                if (report.step() == step) {
                    trainer.stop();
                }
            }
        };
    }

    private static void assertSameHistory(History actual, History expected) {
        assertThat(actual.bestEpoch()).isEqualTo(expected.bestEpoch());
        assertThat(actual.epochs())
                .usingRecursiveComparison()
                .ignoringFields("duration")
                .isEqualTo(expected.epochs());
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void tenEpochsAreFiveAndFiveBitForBit(String name) {
        try (Device device = Devices.named(name);
                Sequential straight = Problems.regressor(device, 5, 0.3f);
                Sequential first = Problems.regressor(device, 5, 0.3f);
                Sequential second = Problems.regressor(device, 5, 0.3f)) {
            second.parameters().values().fill(0f);
            History expected = trainer(straight).fit(batches(), 10);
            trainer(first).checkpoints(directory).fit(batches(), 5);
            History actual = trainer(second)
                    .seed(1234)
                    .checkpoints(directory)
                    .resume(true)
                    .fit(batches(), 10);
            assertThat(second.parameters().values().toFloats())
                    .isEqualTo(straight.parameters().values().toFloats());
            assertSameHistory(actual, expected);
            assertThat(expected.last().learningRate()).isLessThan(0.02f);
        }
    }

    static List<Optimizer> optimizers() {
        return List.of(
                Sgd.of(0.02f).momentum(0.9f),
                RmsProp.of(0.02f).centred().momentum(0.5f),
                Adagrad.of(0.02f).rateDecay(0.1f).initialAccumulator(0.1f),
                Adadelta.of(1f),
                NAdam.of(0.02f),
                AdaMax.of(0.02f),
                Lamb.of(0.02f));
    }

    /** The state of every optimiser is in a checkpoint: interrupted within the second epoch. */
    @ParameterizedTest
    @MethodSource("optimizers")
    void everyOptimizerGoesOnBitForBit(Optimizer optimizer) {
        try (Device device = Devices.named("cpu");
                Sequential straight = Problems.regressor(device, 5, 0.3f);
                Sequential first = Problems.regressor(device, 5, 0.3f);
                Sequential second = Problems.regressor(device, 5, 0.3f)) {
            trainer(straight).optimizer(optimizer).fit(batches(), 3);
            Trainer interrupted = trainer(first).optimizer(optimizer).checkpoints(directory);
            interrupted.listener(stopAt(interrupted, 8)).fit(batches(), 3);
            trainer(second)
                    .optimizer(optimizer)
                    .checkpoints(directory)
                    .resume(true)
                    .fit(batches(), 3);
            assertThat(second.parameters().values().toFloats())
                    .isEqualTo(straight.parameters().values().toFloats());
        }
    }

    /** Interrupted within an epoch, again and again, at every possible update. */
    @Test
    void interruptedTrainingGoesOnBitForBit() {
        try (Device device = Devices.named("reference");
                Sequential straight = Problems.regressor(device, 4, 0.2f)) {
            History expected = trainer(straight).fit(batches(), 3);
            History actual = null;
            for (long stop = 1; actual == null || actual.end() == History.End.INTERRUPTED; stop++) {
                assertThat(stop).isLessThanOrEqualTo(18);
                try (Sequential model = Problems.regressor(device, 4, 0.2f)) {
                    Trainer trainer = trainer(model).checkpoints(directory).resume(true);
                    actual = trainer.listener(stopAt(trainer, stop)).fit(batches(), 3);
                    assertThat(Checkpoint.summary(directory).step()).isEqualTo(stop);
                    if (actual.end() == History.End.FINISHED) {
                        assertThat(stop).isEqualTo(18);
                        assertThat(model.parameters().values().toFloats())
                                .isEqualTo(straight.parameters().values().toFloats());
                    }
                }
            }
            assertSameHistory(actual, expected);
        }
    }

    @Test
    void aFinishedRunIsLeftAsItIs() throws IOException {
        try (Device device = Devices.named("reference");
                Sequential model = Problems.regressor(device, 3, 0f)) {
            trainer(model).checkpoints(directory).fit(batches(), 2);
            float[] weights = model.parameters().values().toFloats();
            String state = Files.readString(directory.resolve("checkpoint.json"));
            List<String> told = new ArrayList<>();
            History history = trainer(model)
                    .checkpoints(directory)
                    .resume(true)
                    .listener(new TrainingListener() {
                        @Override
                        public void started(int epoch, int epochs, int batches) {
                            told.add("started");
                        }

                        @Override
                        public void ended(History end) {
                            told.add("ended");
                        }
                    })
                    .fit(batches(), 2);
            assertThat(history.epochs()).hasSize(2);
            assertThat(told).containsExactly("ended");
            assertThat(model.parameters().values().toFloats()).isEqualTo(weights);
            assertThat(Files.readString(directory.resolve("checkpoint.json"))).isEqualTo(state);
        }
    }

    @Test
    void changedDataIsRefusedByName() {
        try (Device device = Devices.named("reference");
                Sequential model = Problems.regressor(device, 3, 0f)) {
            model.parameters().gradients();
            trainer(model)
                    .data("series.csv", "sha256 1")
                    .data("scaling", "0.5")
                    .checkpoints(directory)
                    .fit(batches(), 2);
            assertThat(refused(
                            device,
                            model,
                            trainer(model).data("series.csv", "sha256 2").data("scaling", "0.5")))
                    .isEqualTo(
                            ": 'series.csv' is not what the run began with: expected sha256 1, got sha256 2; bring it"
                                    + " back, or begin a new run");
            assertThat(refused(device, model, trainer(model).data("series.csv", "sha256 1")))
                    .startsWith(": 'scaling' is not what the run began with: expected 0.5, got none");
            trainer(model)
                    .data("scaling", "0.5")
                    .data("series.csv", "sha256 1")
                    .checkpoints(directory)
                    .resume(true)
                    .fit(batches(), 3);
            assertThat(Checkpoint.summary(directory).epoch()).isEqualTo(3);
        }
    }

    @Test
    void aDirectoryHoldsOneCheckpointAndItsSummary() throws IOException {
        try (Device device = Devices.named("reference");
                Sequential model = Problems.regressor(device, 3, 0f)) {
            assertThat(Checkpoint.exists(directory)).isFalse();
            History history = trainer(model)
                    .checkpoints(directory.resolve("deep/down"))
                    .checkpointEvery(2)
                    .metadata("scale", "2.5")
                    .fit(batches(), 5);
            Path deep = directory.resolve("deep/down");
            assertThat(Checkpoint.exists(deep)).isTrue();
            try (Stream<Path> files = Files.list(deep)) {
                assertThat(files.map(file -> file.getFileName().toString()))
                        .containsExactlyInAnyOrder("checkpoint.json", "weights-3.safetensors");
            }
            Checkpoint.Summary summary = Checkpoint.summary(deep);
            assertThat(summary.epoch()).isEqualTo(5);
            assertThat(summary.step()).isEqualTo(30);
            assertThat(summary.metadata()).containsExactly(Map.entry("scale", "2.5"));
            assertThat(summary.history()).isEqualTo(history.epochs());
        }
    }

    private String refused(Device device, Sequential model, Trainer trainer) {
        float[] before = model.parameters().values().toFloats();
        long bytes = device.bytesInUse();
        try {
            trainer.checkpoints(directory).resume(true).fit(batches(), 3);
        } catch (CheckpointException e) {
            assertThat(model.parameters().values().toFloats()).isEqualTo(before);
            assertThat(device.bytesInUse()).isEqualTo(bytes);
            assertThat(e.getMessage()).startsWith("checkpoint " + directory).doesNotContain("\n");
            return e.getMessage().substring(("checkpoint " + directory).length());
        }
        throw new AssertionError("the checkpoint was taken");
    }

    @Test
    void whatDoesNotFitIsNamed() {
        try (Device device = Devices.named("reference");
                Sequential model = Problems.regressor(device, 3, 0f);
                Sequential wider = Problems.regressor(device, 4, 0f);
                Sequential other = Sequential.on(device)
                        .add(Lstm.of(3))
                        .add(Linear.of(1).named("head"))
                        .build(1)) {
            model.parameters().gradients();
            wider.parameters().gradients();
            other.parameters().gradients();
            Trainer stopped = trainer(model);
            stopped.checkpoints(directory).listener(stopAt(stopped, 2)).fit(batches(), 3);
            assertThat(refused(device, wider, trainer(wider)))
                    .isEqualTo(": is of another model: model.layers[0].options.units: expected 4, got 3");
            assertThat(refused(device, other, trainer(other)))
                    .isEqualTo(": is of another model: model.layers[1].name: expected \"head\", got \"linear\"");
            assertThat(refused(device, model, trainer(model).optimizer(Sgd.of(0.1f))))
                    .startsWith(": expected optimiser Sgd[")
                    .contains(", got Adam[");
            Trainer otherData = trainer(model).checkpoints(directory).resume(true);
            assertThatThrownBy(() -> otherData.fit(Batches.of(DATA, 4), 3))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("expected rows=44 batch=4, got rows=44 batch=8 shuffled=6 bucketed");
        }
    }

    @Test
    void damagedFilesAreNamed() throws IOException {
        try (Device device = Devices.named("reference");
                Sequential model = Problems.regressor(device, 3, 0f)) {
            trainer(model).checkpoints(directory).fit(batches(), 1);
            Path state = directory.resolve("checkpoint.json");
            Path weights = directory.resolve("weights-1.safetensors");
            String text = Files.readString(state);
            byte[] tensors = Files.readAllBytes(weights);

            Files.write(weights, Arrays.copyOf(tensors, tensors.length - 1));
            assertThat(refused(device, model, trainer(model))).contains("cannot be read: ", "cut off");
            Files.delete(weights);
            assertThat(refused(device, model, trainer(model))).contains("cannot be read: ");
            Files.write(weights, tensors);

            Files.writeString(state, text.substring(0, text.length() / 2));
            assertThat(refused(device, model, trainer(model))).contains("is not what was saved: ");
            Files.writeString(state, "");
            assertThat(refused(device, model, trainer(model)))
                    .contains("is not what was saved: expected a JSON object, got nothing");
            Files.writeString(state, text.replace("\"format\": 1", "\"format\": 7"));
            assertThat(refused(device, model, trainer(model)))
                    .contains("is not what was saved: format: expected 1, got 7");
            Files.writeString(state, text.replace("weights-1", "../weights-1"));
            assertThat(refused(device, model, trainer(model))).contains("is not the name of a file of weights");
            Files.writeString(state, text);
            trainer(model).checkpoints(directory).resume(true).fit(batches(), 2);
        }
    }

    /** Positions that no run can have been at: taken over, some of them would never end. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "epoch|-2147483648|expected a whole number of 0 to 2147483647, got -2147483648",
                "epoch|-1|expected a whole number of 0 to 2147483647, got -1",
                "epoch|7|epochs: expected 7 finished epochs, as epoch says, got 2",
                "epoch|1e3|expected a whole number of 0 to 2147483647, got 1e3",
                "epoch|null|expected a whole number of 0 to 2147483647, got null",
                "batch|99999|expected one of the 6 of an epoch, got 99999",
                "batch|6|expected one of the 6 of an epoch, got 6",
                "batch|-1|expected a whole number of 0 to 2147483647, got -1",
                "step|-5|expected a whole number of 0 to 9223372036854775807, got -5",
                "passes|-1|expected a whole number of 0 to 9223372036854775807, got -1",
                "epochWeight|NaN|expected a finite number of at least 0.0, got \"NaN\"",
                "epochWeight|-0.5|expected a finite number of at least 0.0, got -0.5",
                "epochLoss|1e999|expected a finite number of at least",
                "epochNanos|-1|expected a whole number of 0 to 9223372036854775807, got -1",
                "lossScale|0|expected a finite number above 0.0, got 0",
                "lossScale|-1|expected a finite number above 0.0, got -1",
                "updatesAtLossScale|-1|expected a whole number of 0 to 2147483647, got -1",
                "skipped|-1|expected a whole number of 0 to 9223372036854775807, got -1",
                "epochs|null|expected a list, got null",
                "metadata|null|expected an object, got null",
                "metadata|{\"a\": 1}|metadata.a: expected a text, got 1",
                "model|[]|expected an object, got []",
                "optimizer|3|expected a text, got 3",
            })
    void impossiblePositionsAreNamed(String field, String value, String problem) throws IOException {
        try (Device device = Devices.named("reference");
                Sequential model = Problems.regressor(device, 3, 0f)) {
            model.parameters().gradients();
            trainer(model).checkpoints(directory).fit(batches(), 2);
            Path state = directory.resolve("checkpoint.json");
            JsonObject json = JsonParser.parseString(Files.readString(state)).getAsJsonObject();
            json.add(field, JsonParser.parseString(value));
            Files.writeString(state, json.toString());
            assertThat(refused(device, model, trainer(model)))
                    .contains(problem.contains(": expected") ? problem : field + ": " + problem);
        }
    }

    @Test
    void aCheckpointTooLongToBeOneIsNotRead() throws IOException {
        try (Device device = Devices.named("reference");
                Sequential model = Problems.regressor(device, 3, 0f)) {
            trainer(model).checkpoints(directory).fit(batches(), 1);
            try (FileChannel file = FileChannel.open(directory.resolve("checkpoint.json"), StandardOpenOption.WRITE)) {
                file.write(ByteBuffer.wrap(new byte[1]), 3_000_000_000L);
            }
            assertThat(refused(device, model, trainer(model)))
                    .contains("has 3,000,000,001 bytes; expected at most 67,108,864");
        }
    }

    @Test
    void aFailedWriteLeavesTheCheckpointBefore() throws IOException {
        try (Device device = Devices.named("reference");
                Sequential model = Problems.regressor(device, 3, 0f)) {
            trainer(model).checkpoints(directory).fit(batches(), 1);
            for (String file : List.of("weights-2.safetensors.part", "checkpoint.json.part")) {
                // A folder with something in it, which is in the way.
                Path inside = directory.resolve(file).resolve("inside");
                Files.createDirectories(inside);
                Trainer again = trainer(model).checkpoints(directory).resume(true);
                assertThatThrownBy(() -> again.fit(batches(), 2))
                        .isInstanceOf(CheckpointException.class)
                        .hasMessage("checkpoint " + directory
                                + ": cannot be written: " + directory.resolve(file)
                                + ": a folder is in the way; the one before is intact");
                assertThat(Checkpoint.summary(directory).epoch()).isEqualTo(1);
                Files.delete(inside);
                Files.delete(directory.resolve(file));
            }
            trainer(model).checkpoints(directory).resume(true).fit(batches(), 2);
            assertThat(Checkpoint.summary(directory).epoch()).isEqualTo(2);
        }
    }

    /** Saves checkpoint after checkpoint until it is killed; every number in checkpoint n is n. */
    static final class EndlessSaver {
        private EndlessSaver() {}

        public static void main(String[] arguments) throws IOException {
            Checkpoint checkpoint = new Checkpoint(Path.of(arguments[0]));
            int first = Checkpoint.exists(Path.of(arguments[0])) ? (int) checkpoint.state().step + 1 : 1;
            for (int n = first; ; n++) {
                TrainingState state = new TrainingState();
                state.model = new JsonObject();
                state.optimizer = "";
                state.schedule = "";
                state.data = "";
                state.lossScale = 1;
                state.step = n;
                float[] values = new float[50_000];
                Arrays.fill(values, n);
                checkpoint.save(state, List.of(new Safetensors.Source("w", Shape.of(values.length), () -> values)));
                System.out.println(n);
            }
        }
    }

    @Test
    void aKillAtAnyMomentLeavesAReadableCheckpoint() throws Exception {
        Random random = new Random();
        long last = 0;
        for (int kill = 0; kill < 12; kill++) {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xshare:auto",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            EndlessSaver.class.getName(),
                            directory.toString())
                    .redirectErrorStream(true)
                    .start();
            try (BufferedReader reader =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                for (int i = 0; i < 3; i++) {
                    String line = reader.readLine();
                    assertThat(line).matches("[0-9]+");
                    last = Long.parseLong(line);
                }
                LockSupport.parkNanos(random.nextInt(20_000_000));
                process.destroyForcibly().waitFor();
            }
            Checkpoint checkpoint = new Checkpoint(directory);
            TrainingState state = checkpoint.state();
            assertThat(state.step).isGreaterThanOrEqualTo(last);
            try (Safetensors file = Safetensors.open(checkpoint.weights(state))) {
                float[] expected = new float[50_000];
                Arrays.fill(expected, (float) state.step);
                assertThat(file.floats("w", Shape.of(50_000))).isEqualTo(expected);
            }
        }
    }
}
