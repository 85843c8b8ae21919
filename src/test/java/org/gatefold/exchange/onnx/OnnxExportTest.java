package org.gatefold.exchange.onnx;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.exchange.onnx.graph.OnnxTensor;
import org.gatefold.layer.Context;
import org.gatefold.layer.Layer;
import org.gatefold.layer.basic.ActivationLayer;
import org.gatefold.layer.basic.Dropout;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.basic.Softmax;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.recurrent.Gru;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.layer.recurrent.Rnn;
import org.gatefold.model.Graph;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.op.elementwise.Activation;
import org.gatefold.op.recurrent.CellActivations;
import org.gatefold.op.recurrent.GateActivation;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is written gives in ONNX Runtime, and read again, what the model gives. */
class OnnxExportTest {
    private static final int STEPS = 6;
    private static final int ROWS = 3;
    private static final int FEATURES = 4;

    @TempDir
    private Path folder;

    private static Network chain(Layer... layers) {
        Network.Builder network = Network.sequential(Form.sequences(FEATURES));
        for (Layer layer : layers) {
            network.add(layer);
        }
        return network.build();
    }

    static Stream<Network> networks() {
        Graph.Builder graph = Graph.builder();
        Graph.Node x = graph.input("x", Form.sequences(FEATURES));
        Graph.Node lstm = graph.layer(Lstm.of(5).returnSequences(), x);
        Graph.Node gru = graph.layer(Gru.of(5).bidirectional().returnSequences(), x);
        Graph.Node linear = graph.layer(Linear.of(5), gru);
        graph.output("sum", graph.add(lstm, linear, graph.multiply(lstm, linear)));
        graph.output("all", graph.concatenate(lstm, gru));
        GateActivation hard = GateActivation.HARD_SIGMOID;
        return Stream.of(
                chain(Lstm.of(5)),
                chain(Lstm.of(5).layers(2).bidirectional().dropout(0.3f), Linear.of(3), Softmax.probabilities()),
                chain(Lstm.of(5).peepholes().gateClip(0.4f).reverse().returnSequences(), Dropout.of(0.5f)),
                chain(Lstm.of(5).coupledGates().returnSequences()),
                chain(Lstm.of(5).coupledGates().withoutBias().returnSequences()),
                chain(
                        Gru.of(6).layers(3).returnSequences(),
                        Gru.of(5)
                                .resetBefore()
                                .bidirectional()
                                .activations(new CellActivations(hard, GateActivation.elu(0.7f), GateActivation.TANH))),
                chain(
                        Rnn.of(4).relu().returnSequences(),
                        Rnn.of(3).layers(2).bidirectional().returnSequences(),
                        Linear.of(4),
                        ActivationLayer.of(Activation.SILU)),
                graph.build());
    }

    @ParameterizedTest
    @MethodSource("networks")
    void computesTheSameElsewhere(Network network) throws Exception {
        Path file = folder.resolve("model.onnx");
        try (Device device = Devices.named("cpu");
                Model model = network.on(device).seed(5).build();
                Context context = Context.inference(device)) {
            String input = model.inputs().keySet().iterator().next();
            OnnxTensor x = OnnxOracle.random(7, STEPS, ROWS, FEATURES);
            OnnxExport.of(model).write(file);
            Map<String, OnnxTensor> expected = run(model, context, input, x, null);
            OnnxOracle.assertWritten(file, Map.of(input, x), expected);

            int[] lengths = {STEPS, 2, 4};
            OnnxExport.of(model).withLengths().write(file);
            Map<String, OnnxTensor> inputs = Map.of(input, x, "lengths", OnnxTensor.vector(lengths));
            Map<String, OnnxTensor> padded = valid(run(model, context, input, x, lengths), lengths);
            OnnxOracle.assertNear("lengths", valid(OnnxOracle.onnxRuntime(file, inputs), lengths), padded, 1e-5);
            OnnxOracle.assertNear("read", valid(OnnxOracle.gatefold("cpu", file, inputs), lengths), padded, 1e-5);
        }
    }

    /** What stands behind lengths need not be alike. */
    private static Map<String, OnnxTensor> valid(Map<String, OnnxTensor> outputs, int... lengths) {
        Map<String, OnnxTensor> result = new LinkedHashMap<>();
        outputs.forEach((name, y) -> {
            float[] values = y.floats().clone();
            for (int i = 0; y.rank() == 3 && i < values.length; i++) {
                int step = i / y.dims()[2];
                values[i] = step / ROWS < lengths[step % ROWS] ? values[i] : 0f;
            }
            result.put(name, OnnxTensor.of(values, y.dims()));
        });
        return result;
    }

    private static Map<String, OnnxTensor> run(
            Model model, Context context, String input, OnnxTensor x, int[] lengths) {
        context.begin(0);
        Tensor tensor = context.scope().f32("x", x.dims());
        tensor.write(x.floats());
        Lengths valid = null;
        if (lengths != null) {
            Tensor onDevice = context.scope().i32("lengths", lengths.length);
            onDevice.write(lengths);
            valid = new Lengths(STEPS, lengths, onDevice);
        }
        Map<String, OnnxTensor> outputs = new LinkedHashMap<>();
        Map<String, Variable> computed = model.forward(context, Map.of(input, Variable.constant(tensor, valid)));
        model.outputs().keySet().forEach(name -> {
            Tensor y = computed.get(name).value();
            outputs.put(name, OnnxTensor.of(y.toFloats(), y.shape().toArray()));
        });
        return outputs;
    }

    @Test
    void statesGoInAndOut() throws Exception {
        Path file = folder.resolve("model.onnx");
        Network network = chain(
                Lstm.of(5).layers(2).bidirectional().returnSequences().named("a"),
                Gru.of(3).named("b"));
        try (Device device = Devices.named("cpu");
                Model model = network.on(device).seed(2).build()) {
            OnnxExport.of(model).withStates().write(file);
        }
        OnnxTensor x = OnnxOracle.random(1, STEPS, ROWS, FEATURES);
        OnnxTensor h = OnnxOracle.random(2, 4, ROWS, 5);
        OnnxTensor c = OnnxOracle.random(3, 4, ROWS, 5);
        OnnxTensor hb = OnnxOracle.random(4, 1, ROWS, 3);
        Map<String, OnnxTensor> whole =
                OnnxOracle.onnxRuntime(file, Map.of("input", x, "a.h0", h, "a.c0", c, "b.h0", hb));
        OnnxOracle.assertNear(
                "Gatefold",
                OnnxOracle.gatefold("cpu", file, Map.of("input", x, "a.h0", h, "a.c0", c, "b.h0", hb)),
                whole,
                1e-5);
        org.assertj.core.api.Assertions.assertThat(whole).containsOnlyKeys("output", "a.h", "a.c", "b.h");
    }

    @Test
    void readsIds() throws Exception {
        Path file = folder.resolve("model.onnx");
        Network network = Network.sequential(Form.tokens())
                .add(Embedding.of(9, 4))
                .add(Lstm.of(3))
                .build();
        OnnxTensor ids = OnnxTensor.of(new long[] {0, 8, 3, 3, 1, 2}, 3, 2);
        try (Device device = Devices.named("cpu");
                Model model = network.on(device).seed(2).build();
                Context context = Context.inference(device)) {
            OnnxExport.of(model).write(file);
            context.begin(0);
            Tensor tensor = context.scope().i32("ids", 3, 2);
            tensor.write(ids.ints());
            Tensor y = model.forward(context, Variable.constant(tensor)).value();
            Map<String, OnnxTensor> expected = Map.of("output", OnnxTensor.of(y.toFloats(), 2, 3));
            OnnxOracle.assertWritten(file, Map.of("input", ids), expected);
        }
    }

    @Test
    void refusesWhatTheFormatLacks() throws Exception {
        Path file = folder.resolve("model.onnx");
        for (Map.Entry<Layer, String> refused : Map.<Layer, String>of(
                        Lstm.of(5).zoneout(0.1f), "zoneoutH",
                        Lstm.of(5).projection(2), "projection",
                        Lstm.of(5).cellClip(2f), "cellClip")
                .entrySet()) {
            try (Device device = Devices.named("cpu");
                    Model model = chain(refused.getKey()).on(device).build()) {
                assertThatThrownBy(() -> OnnxExport.of(model).write(file))
                        .isInstanceOf(CheckpointException.class)
                        .hasMessageContaining("layer '")
                        .hasMessageContaining(refused.getValue());
            }
        }
        org.assertj.core.api.Assertions.assertThat(List.of(file.toFile().exists()))
                .containsExactly(false);
    }
}
