package org.gatefold.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.gatefold.contract.Subject;
import org.gatefold.data.Column;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.Layer;
import org.gatefold.layer.attention.MultiHeadAttention;
import org.gatefold.layer.basic.ActivationLayer;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.basic.Residual;
import org.gatefold.layer.basic.Softmax;
import org.gatefold.layer.cell.CellLoop;
import org.gatefold.layer.cell.Slstm;
import org.gatefold.layer.convolution.Conv1d;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.form.TimeDistributed;
import org.gatefold.layer.form.TimeSlice;
import org.gatefold.layer.norm.BatchNorm;
import org.gatefold.layer.norm.LayerNorm;
import org.gatefold.layer.pooling.MaxPool1d;
import org.gatefold.layer.pooling.TimePooling;
import org.gatefold.layer.recurrent.Bidirectional;
import org.gatefold.layer.recurrent.Gru;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.layer.recurrent.Rnn;
import org.gatefold.op.elementwise.Activation;
import org.gatefold.tensor.Form;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams give what the model gives for the whole sequences. */
class ModelStreamTest {
    private static final int ROWS = 3;
    private static final int STEPS = 11;
    private static final int FEATURES = 5;

    /** All kinds of layers that carry something, and some that do not. */
    private static Network network() {
        Graph.Builder graph = Graph.builder();
        Graph.Node x = graph.input("x", Form.sequences(FEATURES));
        Graph.Node near = graph.layer(Conv1d.of(6, 3).dilation(2).causal(), x);
        Graph.Node far = graph.layer(Conv1d.of(6, 2).padding(1, 0).groups(1), x);
        Graph.Node both = graph.layer(LayerNorm.create(), graph.concatenate(near, far));
        Graph.Node h = graph.layer(Lstm.of(12).layers(2).learnedInitialState().returnSequences(), both);
        Graph.Node residual = graph.layer(Residual.of(Gru.of(12).returnSequences()), h);
        Graph.Node cell = graph.layer(CellLoop.of(Slstm.of(7)).returnSequences(), residual);
        Graph.Node frames = graph.layer(TimeDistributed.of(Linear.of(5), ActivationLayer.of(Activation.TANH)), cell);
        Graph.Node normal = graph.layer(BatchNorm.create(), frames);
        Graph.Node projected = graph.layer(Lstm.of(6).projection(4).layers(2).returnSequences(), normal);
        Graph.Node normed = graph.layer(Lstm.of(5).layerNorm().layers(2).returnSequences(), projected);
        Graph.Node gru = graph.layer(Gru.of(5).layerNorm().returnSequences(), normed);
        Graph.Node before = graph.layer(Gru.of(5).layerNorm().resetBefore().returnSequences(), gru);
        Graph.Node ofBatches = graph.layer(Gru.of(5).batchNorm().layers(2).returnSequences(), before);
        graph.output(
                "steps",
                graph.layer(Linear.of(2), graph.layer(Rnn.of(4).layerNorm().returnSequences(), ofBatches)));
        graph.output("last", graph.layer(Rnn.of(4), normal));
        return graph.build();
    }

    private static float[][][] sequences(int rows, int steps, int features, long seed) {
        Random random = new Random(seed);
        float[][][] values = new float[rows][steps][features];
        for (float[][] row : values) {
            for (float[] step : row) {
                for (int i = 0; i < features; i++) {
                    step[i] = random.nextFloat() * 2 - 1;
                }
            }
        }
        return values;
    }

    private static float[][][] steps(float[][][] rows, int from, int to) {
        return Arrays.stream(rows).map(row -> Arrays.copyOfRange(row, from, to)).toArray(float[][][]::new);
    }

    /** Weights that make the first states of the stack differ from zeros. */
    private static void learnStates(Model model) {
        for (String state : List.of("lstm.h0", "lstm.c0")) {
            float[] values = new float[24];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) Math.sin(i + state.length());
            }
            model.parameters().get(state).set(values);
        }
    }

    /** Bit for bit where products of one step and of many run on the same kernels; libraries of a card may choose others. */
    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu", "cuda:0"})
    void chunksGiveWhatTheWholeSequenceGives(String name) {
        try (Device device = Subject.openDevice(name);
                Model model = network().on(device).seed(4).build();
                ModelStream stream = model.stream(ROWS)) {
            learnStates(model);
            stream.reset();
            float[][][] x = sequences(ROWS, STEPS, FEATURES, 1);
            float[][][] whole =
                    model.predict(Column.sequences("x", x)).get("steps").sequences();
            int[] ends = {1, 2, 5, 6, 11};
            int from = 0;
            for (int end : ends) {
                Map<String, Prediction> part = stream.chunk(Column.sequences("x", steps(x, from, end)));
                float[][] last = model.predict(Column.sequences("x", steps(x, 0, end)))
                        .get("last")
                        .rows();
                for (int row = 0; row < ROWS; row++) {
                    for (int t = from; t < end; t++) {
                        close(name, part.get("steps").sequences()[row][t - from], whole[row][t]);
                    }
                    close(name, part.get("last").rows()[row], last[row]);
                }
                from = end;
            }
        }
    }

    /** Layers that give an output for every so manieth step take chunks of so many. */
    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu", "cuda:0"})
    void stridesGiveWhatTheWholeSequenceGives(String name) {
        try (Device device = Subject.openDevice(name);
                Sequential model = Sequential.on(device)
                        .seed(4)
                        .add(Conv1d.of(6, 4).stride(2).causal())
                        .add(MaxPool1d.of(2))
                        .add(Conv1d.of(5, 3).stride(3).dilation(2).padding(4, 0))
                        .add(Gru.of(4).returnSequences())
                        .build(FEATURES);
                ModelStream stream = model.stream(ROWS)) {
            float[][][] x = sequences(ROWS, 48, FEATURES, 1);
            float[][][] whole;
            try (Predictor predictor = model.predictor()) {
                whole = predictor.predictSequences(x, new int[] {48, 48, 48});
            }
            assertThat(whole[0]).hasNumberOfRows(4);
            int from = 0;
            for (int end : new int[] {12, 36, 48}) {
                float[][][] part = stream.chunk(steps(x, from, end));
                for (int row = 0; row < ROWS; row++) {
                    assertThat(part[row]).hasNumberOfRows((end - from) / 12);
                    for (int t = 0; t < part[row].length; t++) {
                        close(name, part[row][t], whole[row][from / 12 + t]);
                    }
                }
                from = end;
            }
            byte[] before = stream.save();
            assertThatThrownBy(() -> stream.chunk(steps(x, 0, 3)))
                    .hasMessage("stream: layer 'conv1d' (Conv1d): expected chunks that reach it as multiples of 2"
                            + " steps, its stride, got 3");
            assertThatThrownBy(() -> stream.chunk(steps(x, 0, 6)))
                    .hasMessageStartingWith("stream: layer 'maxpool1d' (MaxPool1d): expected chunks that reach it"
                            + " as multiples of 2 steps");
            assertThat(stream.save()).isEqualTo(before);
        }
    }

    private static void close(String device, float[] actual, float[] expected) {
        if (!device.startsWith("cuda")) {
            assertThat(actual).isEqualTo(expected);
        } else {
            assertThat(actual).hasSameSizeAs(expected);
            for (int i = 0; i < expected.length; i++) {
                assertThat(actual[i]).isCloseTo(expected[i], within(1e-5f));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu", "cuda:0"})
    void idsGiveWhatTheWholeSequenceGives(String name) {
        try (Device device = Subject.openDevice(name);
                Sequential model = Sequential.on(device)
                        .seed(2)
                        .add(Embedding.of(20, 6))
                        .add(Lstm.of(9).returnSequences())
                        .add(Linear.of(20))
                        .add(Softmax.probabilities())
                        .build(Form.tokens());
                ModelStream stream = model.stream(2)) {
            int[][] ids = {{3, 1, 19, 0, 7}, {5, 5, 2, 18, 11}};
            float[][][] whole =
                    model.predict(Column.tokens("ids", ids)).get(Model.OUTPUT).sequences();
            float[] output = new float[40];
            for (int t = 0; t < 5; t++) {
                stream.step(new int[] {ids[0][t], ids[1][t]}, output);
                close(name, Arrays.copyOfRange(output, 0, 20), whole[0][t]);
                close(name, Arrays.copyOfRange(output, 20, 40), whole[1][t]);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu", "cuda:0"})
    void goesOnFromBytesBitForBit(String name) {
        float[][][] x = sequences(ROWS, STEPS, FEATURES, 8);
        try (Device device = Subject.openDevice(name);
                Model model = network().on(device).seed(4).build();
                ModelStream one = model.stream(ROWS);
                ModelStream other = model.stream(ROWS)) {
            one.chunk(Column.sequences("x", steps(x, 0, 7)));
            byte[] saved = one.save();
            float[][][] expected = one.chunk(Column.sequences("x", steps(x, 7, 11)))
                    .get("steps")
                    .sequences();
            other.chunk(Column.sequences("x", steps(x, 3, 9)));
            other.restore(saved);
            assertThat(other.save()).isEqualTo(saved);
            assertThat(other.chunk(Column.sequences("x", steps(x, 7, 11)))
                            .get("steps")
                            .sequences())
                    .isDeepEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu", "cuda:0"})
    void resetBeginsARowAnewAndLeavesTheOthers(String name) {
        float[][][] x = sequences(ROWS, STEPS, FEATURES, 9);
        try (Device device = Subject.openDevice(name);
                Model model = network().on(device).seed(4).build();
                ModelStream stream = model.stream(ROWS);
                ModelStream straight = model.stream(ROWS)) {
            learnStates(model);
            stream.reset();
            straight.reset();
            stream.chunk(Column.sequences("x", steps(x, 0, 4)));
            straight.chunk(Column.sequences("x", steps(x, 0, 4)));
            stream.reset(1);
            float[][][] after = stream.chunk(Column.sequences("x", steps(x, 4, 8)))
                    .get("steps")
                    .sequences();
            float[][][] through = straight.chunk(Column.sequences("x", steps(x, 4, 8)))
                    .get("steps")
                    .sequences();
            straight.reset();
            float[][][] fresh = straight.chunk(Column.sequences("x", steps(x, 4, 8)))
                    .get("steps")
                    .sequences();
            assertThat(after[0]).isDeepEqualTo(through[0]);
            assertThat(after[1]).isDeepEqualTo(fresh[1]);
            assertThat(after[2]).isDeepEqualTo(through[2]);
            assertThat(fresh[1]).isNotEqualTo(through[1]);
        }
    }

    @Test
    void takesUpChangedWeights() {
        try (Device device = Devices.named("cpu");
                Sequential model =
                        Sequential.on(device).add(Lstm.of(4).returnSequences()).build(2);
                ModelStream stream = model.stream(1)) {
            float[][] before = stream.step(new float[][] {{1f, 2f}});
            stream.reset();
            model.parameters().values().fill(0.25f);
            model.parameters().changed();
            float[][] after = stream.step(new float[][] {{1f, 2f}});
            assertThat(after).isNotEqualTo(before);
            assertThat(after[0]).isEqualTo(model.predictSequences(new float[][][] {{{1f, 2f}}}, null)[0][0]);
        }
    }

    @Test
    void refusesStatesOfAnotherStream() {
        try (Device device = Devices.named("reference");
                Sequential model = Sequential.on(device).add(Lstm.of(4)).build(2);
                Sequential wider = Sequential.on(device).add(Lstm.of(5)).build(2);
                Sequential gru = Sequential.on(device).add(Gru.of(4)).build(2);
                Sequential seeded =
                        Sequential.on(device).seed(9).add(Lstm.of(4)).build(2);
                ModelStream stream = model.stream(2)) {
            stream.step(new float[][] {{1f, 2f}, {3f, 4f}});
            byte[] saved = stream.save();
            refuses(model, 3, saved, "state: rows: expected 3, got 2");
            refuses(wider, 2, saved, "state: is one of another model");
            refuses(gru, 2, saved, "state: is one of another model");
            refuses(seeded, 2, saved, "state: is one of a model with other weights");
            refuses(model, 2, Arrays.copyOf(saved, saved.length - 1), "check sum");
            refuses(model, 2, Arrays.copyOf(saved, 5), "state: expected bytes that a stream has saved, got 5 others");
            refuses(model, 2, new byte[100], "state: expected bytes that a stream has saved");
            byte[] flipped = saved.clone();
            flipped[40] ^= 4;
            refuses(model, 2, flipped, "damaged");
            byte[] later = saved.clone();
            later[4]++;
            refuses(model, 2, later, "state: version: expected 1, got 2");
        }
    }

    private static void refuses(Model model, int rows, byte[] saved, String message) {
        try (ModelStream stream = model.stream(rows)) {
            byte[] before = stream.save();
            assertThatThrownBy(() -> stream.restore(saved))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(message);
            assertThat(stream.save()).isEqualTo(before);
        }
    }

    @Test
    void aFailedStepLeavesTheStates() {
        try (Device device = Devices.named("reference");
                Model model = network().on(device).build();
                ModelStream stream = model.stream(ROWS)) {
            stream.chunk(Column.sequences("x", sequences(ROWS, 2, FEATURES, 1)));
            byte[] before = stream.save();
            assertThatThrownBy(() -> stream.chunk(Column.sequences("x", sequences(ROWS, 2, FEATURES + 1, 1))))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> stream.chunk(Column.sequences("x", sequences(2, 2, FEATURES, 1))))
                    .hasMessage("inputs: expected 3 rows as the stream has, got 2");
            float[][][] uneven = sequences(ROWS, 2, FEATURES, 1);
            uneven[1] = Arrays.copyOf(uneven[1], 1);
            assertThatThrownBy(() -> stream.chunk(Column.sequences("x", uneven)))
                    .hasMessageContaining("expected chunks of full length");
            assertThat(stream.save()).isEqualTo(before);
            assertThatThrownBy(() -> stream.reset(3)).hasMessage("row: expected 0 to 2, got 3");
            assertThatThrownBy(() -> model.stream(0)).hasMessageContaining("rows: expected at least 1, got 0");
        }
    }

    @Test
    void layersThatCannotSayWhy() {
        refuses(Lstm.of(4).bidirectional(), "reads later steps before earlier ones, its direction being bidirectional");
        refuses(Gru.of(4).reverse(), "its direction being reverse");
        refuses(Bidirectional.of(Lstm.of(4), Gru.of(4)), "reads later steps");
        refuses(Conv1d.of(4, 3).same(), "with padding same; causal() does");
        refuses(Conv1d.of(4, 3), "with padding valid; causal() does");
        refuses(Conv1d.of(4, 3).padding(2, 1), "with padding explicit");
        refuses(Conv1d.of(4, 3).stride(2), "with padding valid; causal() does");
        refuses(Conv1d.of(4, 2).stride(2).padding(1, 1), "with padding explicit");
        refuses(TimePooling.mean(), "later ones too");
        refuses(MaxPool1d.of(2).stride(1).causal(), "may reach into another chunk");
        refuses(MaxPool1d.of(2).causal(), "may reach into another chunk");
        refuses(MaxPool1d.of(2).padding(0, 1), "may reach into another chunk");
        refuses(MaxPool1d.of(3).stride(2), "may reach into another chunk");
        refuses(MultiHeadAttention.of(2), "attends to later steps");
        refuses(MultiHeadAttention.of(2).causal(), "say how many a sequence has at most, stream(rows, mostSteps)");
        refuses(TimeSlice.first(1), "counts steps from an end");
        refuses(CellLoop.of(Slstm.of(3)).reverse(), "reads later steps");
        refuses(Residual.of(Conv1d.of(4, 3).same()), "layer 'residual.layer' (Conv1d)");
        refuses(new org.gatefold.layer.user.Residual(1f), "does not override stream");
    }

    private static void refuses(Layer layer, String why) {
        try (Device device = Devices.named("reference");
                Sequential model = Sequential.on(device).add(layer).build(Form.sequences(4))) {
            assertThatThrownBy(() -> model.stream(1).close())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("stream: layer '")
                    .hasMessageContaining(why);
        }
    }

    @Test
    void refusesAStatefulLayerThatIsAppliedTwice() {
        Graph.Builder graph = Graph.builder();
        Graph.Node x = graph.input("x", Form.sequences(4));
        Layer shared = Lstm.of(4).returnSequences();
        graph.output("y", graph.layer(shared, graph.layer(shared, x)));
        try (Device device = Devices.named("reference");
                Model model = graph.build().on(device).build()) {
            assertThatThrownBy(() -> model.stream(1).close())
                    .hasMessage(
                            "stream: layer 'lstm' (Lstm) is applied more than once in a step, and carries states for one");
        }
    }

    @Test
    void refusesAModuleThatSaysNothing() {
        try (Device device = Devices.named("reference");
                Model model = Network.of(() -> new PairModule(4)).on(device).build()) {
            assertThatThrownBy(() -> model.stream(1).close()).hasMessageContaining("does not override stream");
        }
    }

    /** Memory of the device stays what it is, and the heap gets no more than a prediction leaves there. */
    @Test
    void stepsAllocateNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Device device = Devices.named("cpu");
                Sequential model = Sequential.on(device)
                        .add(Conv1d.of(16, 3).causal())
                        .add(Lstm.of(32).layers(2).returnSequences())
                        .add(Linear.of(3))
                        .build(4);
                ModelStream stream = model.stream(2)) {
            float[] x = new float[8];
            float[] y = new float[6];
            List<Long> heap = new ArrayList<>();
            List<Long> held = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                stream.step(x, y);
                heap.add(threads.getThreadAllocatedBytes(Thread.currentThread().getId()));
                held.add(device.bytesInUse());
            }
            assertThat(held.subList(2, 400)).containsOnly(held.get(2));
            List<Long> perStep = new ArrayList<>();
            for (int i = 300; i < 400; i++) {
                perStep.add(heap.get(i) - heap.get(i - 1));
            }
            assertThat(perStep.stream().sorted().toList().get(50)).isLessThan(8L << 10);
        }
    }
}
