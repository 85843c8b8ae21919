package org.gatefold.train.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.gatefold.data.Batches;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.exchange.ModelFile;
import org.gatefold.layer.basic.ActivationLayer;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Gru;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Graph;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.model.PairModule;
import org.gatefold.model.Prediction;
import org.gatefold.model.Predictor;
import org.gatefold.model.Twins;
import org.gatefold.simulator.SimulatedDevice;
import org.gatefold.tensor.Form;
import org.gatefold.train.PairsOfSequences;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Adam;
import org.gatefold.train.report.StepReport;
import org.gatefold.train.report.TrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Graphs and modules with several inputs and outputs, from training to a file and back, by the public API alone. */
class NamedModelsTest {
    private static final Loss LOSS =
            Loss.sum(Map.of("total", Loss.mse(), "side", Loss.crossEntropy().times(0.5f)));

    @TempDir
    private Path directory;

    /** One recurrent layer reads two inputs; its outputs are added, and put beside each other. */
    private static Network graph() {
        Graph.Builder graph = Graph.builder();
        Twins twins = Twins.of(graph, 1, Lstm.of(6).named("reader"));
        Graph.Node sum = graph.add(twins.left(), twins.right());
        graph.output("total", graph.layer(Linear.of(1).named("total"), sum));
        Graph.Node both = graph.concatenate(twins.left(), twins.right());
        Graph.Node hidden =
                graph.layer(ActivationLayer.tanh(), graph.layer(Linear.of(8).named("hidden"), both));
        graph.output("side", graph.layer(Linear.of(2).named("side"), hidden));
        return graph.build();
    }

    private static Network network(String kind) {
        return kind.equals("graph") ? graph() : Network.of(() -> new PairModule(6));
    }

    private static Trainer trainer(Model model) {
        return Trainer.of(model).loss(LOSS).optimizer(Adam.of(0.02f)).clipNorm(1f);
    }

    private static Batches batches() {
        return Batches.of(PairsOfSequences.random(160, 1).dataset(), 16)
                .shuffled(1)
                .bucketed();
    }

    private static Stream<Arguments> everyKindAndDevice() {
        return Stream.of("graph", "module")
                .flatMap(kind -> Stream.of("reference", "cpu", "cuda:0").map(device -> Arguments.of(kind, device)));
    }

    private static void requireDevice(String name) {
        if (name.startsWith("cuda")) {
            assumeTrue(SimulatedDevice.isBuilt(), "needs the simulated device");
            SimulatedDevice.load();
        }
    }

    @ParameterizedTest
    @MethodSource("everyKindAndDevice")
    void learnAndComeBackFromAFile(String kind, String name) {
        requireDevice(name);
        Path file = directory.resolve("model.safetensors");
        Dataset test = PairsOfSequences.random(40, 2).dataset();
        try (Device device = Devices.named(name);
                Device reference = Devices.named("reference");
                Model model = network(kind).on(device).seed(3).build()) {
            double first = trainer(model).fit(batches(), 1).last().trainingLoss();
            double last = trainer(model).fit(batches(), 15).last().trainingLoss();
            assertThat(last).isLessThan(first / 3);

            Map<String, Prediction> expected = model.predict(test);
            assertThat(expected).containsOnlyKeys("total", "side");
            ModelFile.save(model, file, Map.of());
            try (Model loaded = ModelFile.load(device, file);
                    Model elsewhere = ModelFile.load(reference, file)) {
                assertThat(loaded.network().description())
                        .isEqualTo(model.network().description());
                Map<String, Prediction> again = loaded.predict(test);
                Map<String, Prediction> other = elsewhere.predict(test);
                for (String output : expected.keySet()) {
                    float[][] rows = expected.get(output).rows();
                    assertThat(again.get(output).rows()).isDeepEqualTo(rows);
                    for (int row = 0; row < rows.length; row++) {
                        assertThat(other.get(output).rows()[row]).containsExactly(rows[row], within(2e-5f));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("everyKindAndDevice")
    void stoppedRunsGoOnBitForBit(String kind, String name) {
        requireDevice(name);
        try (Device device = Devices.named(name);
                Model straight = network(kind).on(device).seed(3).build();
                Model stopped = network(kind).on(device).seed(3).build();
                Model resumed = network(kind).on(device).seed(4).build()) {
            trainer(straight).fit(batches(), 2);
            Trainer trainer = trainer(stopped).checkpoints(directory);
            trainer.listener(new TrainingListener() {
                        @Override
                        public void stepped(StepReport report) {
                            if (report.step() == 13) {
                                trainer.stop();
                            }
                        }
                    })
                    .fit(batches(), 2);
            trainer(resumed).checkpoints(directory).resume(true).fit(batches(), 2);
            assertThat(resumed.parameters().values().toFloats())
                    .isEqualTo(straight.parameters().values().toFloats());
        }
    }

    @Test
    void checkpointsOfOtherNetworksAreRefused() {
        try (Device device = Devices.named("reference");
                Model graph = graph().on(device).build();
                Model module = network("module").on(device).build();
                Model wider = Network.of(() -> new PairModule(7)).on(device).build()) {
            trainer(module).checkpoints(directory).fit(batches(), 1);
            assertThatThrownBy(() ->
                            trainer(wider).checkpoints(directory).resume(true).fit(batches(), 2))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessage("checkpoint " + directory
                            + ": is of another model: model.options.units: expected 7, got 6");
            assertThatThrownBy(() ->
                            trainer(graph).checkpoints(directory).resume(true).fit(batches(), 2))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageStartingWith("checkpoint " + directory + ": is of another model: model.inputs");
        }
    }

    /** Many rows are run in parts, and rows of any length come back as long as they went in. */
    @Test
    void sequencesAreGivenBackRowByRow() {
        Graph.Builder graph = Graph.builder();
        Graph.Node x = graph.input("x", Form.sequences(1));
        Graph.Node h = graph.layer(Gru.of(3).returnSequences(), x);
        graph.output("steps", graph.concatenate(h, x)).output("copy", x);
        Dataset data = PairsOfSequences.random(1500, 3).dataset();
        Column left = data.inputs().get(0);
        try (Device device = Devices.named("reference");
                Model model = graph.build().on(device).build();
                Predictor predictor = model.predictor()) {
            Map<String, Prediction> all = predictor.predict(left);
            assertThat(all.get("steps").size()).isEqualTo(1500);
            assertThat(all.get("steps").form()).isEqualTo(Form.sequences(4));
            float[][][] steps = all.get("steps").sequences();
            float[][][] copy = all.get("copy").sequences();
            float[][][] alone =
                    predictor.predict(left.slice(1400, 1401)).get("steps").sequences();
            assertThat(steps[1400]).isDeepEqualTo(alone[0]);
            for (int row = 0; row < 1500; row++) {
                assertThat(steps[row]).hasDimensions(left.steps(row), 4);
                assertThat(copy[row]).hasDimensions(left.steps(row), 1);
                assertThat(steps[row][0][3]).isEqualTo(copy[row][0][0]);
            }
            assertThatThrownBy(() -> all.get("steps").rows())
                    .hasMessage("output 'steps': gives [T, B, 4]; use sequences()");
        }
    }

    @Test
    void mistakesAreNamed() {
        Dataset data = PairsOfSequences.random(4, 1).dataset();
        Column left = data.inputs().get(0);
        Column right = data.inputs().get(1);
        try (Device device = Devices.named("reference");
                Model model = graph().on(device).build()) {
            assertThatThrownBy(() -> model.predict(left)).hasMessage("inputs: expected [left, right], got [left]");
            assertThatThrownBy(() -> model.predict(left, right.named("write")))
                    .hasMessage("inputs: expected [left, right], got [left, write]");
            assertThatThrownBy(() -> model.predict(left, right.slice(0, 3)))
                    .hasMessage("input 'right': expected 4 rows, got 3");
            Column wide = Column.sequences("right", new float[4][2][3]);
            assertThatThrownBy(() -> model.predict(left, wide))
                    .hasMessage("input 'right': expected shape [T, B, 1], got [2, 4, 3]");
            Column tokens = Column.tokens("right", new int[4][2]);
            assertThatThrownBy(() -> model.predict(left, tokens))
                    .hasMessage("input 'right': expected elements of type F32, got I32");
            Column rows = Column.rows("right", new float[4][1]);
            assertThatThrownBy(() -> model.predict(left, rows))
                    .hasMessage("input 'right': expected shape [T, B, 1], got [4, 1]");
            assertThatThrownBy(() -> model.predict(new float[1][2][1]))
                    .hasMessage("model: expected one with a single output, got one with [total, side]; give inputs and"
                            + " take outputs by name");
            assertThatThrownBy(() -> model.predict(data).get("total").sequences())
                    .hasMessage("output 'total': gives [B, 1]; use rows()");
            assertThatThrownBy(() -> Trainer.of(model)
                            .loss(Loss.mse())
                            .optimizer(Adam.of(0.1f))
                            .fit(Batches.of(data, 4), 1))
                    .hasMessage("batch: expected one target for mse, got 2; choose with on(output, target)");
            assertThatThrownBy(() -> Trainer.of(model)
                            .loss(Loss.mse().on("sum", "total"))
                            .optimizer(Adam.of(0.1f))
                            .fit(Batches.of(data, 4), 1))
                    .hasMessage("output: expected one of [total, side], got 'sum'");
        }
    }
}
