package org.gatefold.exchange.onnx;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.exchange.onnx.graph.OnnxTensor;
import org.gatefold.layer.Context;
import org.gatefold.layer.attention.AdditiveAttention;
import org.gatefold.layer.attention.DotAttention;
import org.gatefold.layer.attention.GeneralAttention;
import org.gatefold.layer.attention.MultiHeadAttention;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.CrossedStates;
import org.gatefold.model.Graph;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Graphs whose layers read states of others, or a source, written and run by ONNX Runtime and by Gatefold. */
class OnnxGraphsExportTest {
    private static final int ROWS = 3;

    @TempDir
    Path folder;

    static Stream<Network> networks() {
        Graph.Builder pair = Graph.builder();
        Graph.Node source = pair.input("source", Form.sequences(3));
        Graph.Node target = pair.input("target", Form.sequences(2));
        Graph.Node read = pair.layer(Lstm.of(4).returnSequences().named("encoder"), source);
        Graph.Node said = pair.layer(
                Lstm.of(4).returnSequences().named("decoder"), target, pair.state(read, 0), pair.state(read, 1));
        Graph.Node seen = pair.layer(DotAttention.create().scaled(), said, read);
        Graph.Node own = pair.layer(DotAttention.create().causal(), said);
        Graph.Node heads = pair.layer(MultiHeadAttention.of(2).headSize(3).withoutBias(), said, read);
        Graph.Node general = pair.layer(GeneralAttention.create(), said, read);
        Graph.Node additive = pair.layer(AdditiveAttention.of(5).causal(), said, read);
        Graph.Node all = pair.concatenate(said, seen, own, heads, general, additive);
        pair.output("answer", pair.layer(Linear.of(2), all));
        pair.output("cell", pair.state(said, 1));
        return Stream.of(pair.build(), CrossedStates.network(), merges());
    }

    private static Network merges() {
        Graph.Builder graph = Graph.builder();
        Graph.Node x = graph.input("x", Form.sequences(3));
        Graph.Node a = graph.layer(Linear.of(4), x);
        Graph.Node b = graph.layer(Linear.of(4), x);
        Graph.Node c = graph.layer(Linear.of(4), x);
        graph.output("less", graph.subtract(a, graph.multiply(b, c)));
        graph.output("mean", graph.average(a, b, c));
        graph.output("most", graph.maximum(a, b, c));
        graph.output("least", graph.minimum(b, c));
        return graph.build();
    }

    @ParameterizedTest
    @MethodSource("networks")
    void computesTheSameElsewhere(Network network) throws Exception {
        Path file = folder.resolve("model.onnx");
        try (Device device = Devices.named("cpu");
                Model model = network.on(device).seed(5).build();
                Context context = Context.inference(device)) {
            OnnxExport.of(model).write(file);
            context.begin(0);
            Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
            Map<String, Variable> given = new LinkedHashMap<>();
            model.inputs().forEach((name, form) -> {
                int[] dims = form.sequence()
                        ? new int[] {name.equals("source") ? 5 : 4, ROWS, form.last()}
                        : new int[] {ROWS, form.last()};
                inputs.put(name, OnnxOracle.random(name.hashCode(), dims));
                Tensor x = context.scope().f32(name, dims);
                x.write(inputs.get(name).floats());
                given.put(name, Variable.constant(x, null));
            });
            Map<String, OnnxTensor> expected = new LinkedHashMap<>();
            Map<String, Variable> computed = model.forward(context, given);
            model.outputs().keySet().forEach(name -> {
                Tensor y = computed.get(name).value();
                expected.put(name, OnnxTensor.of(y.toFloats(), y.shape().toArray()));
            });
            OnnxOracle.assertWritten(file, inputs, expected);
        }
    }

    @Test
    void whatIsNotWrittenIsNamed() {
        Graph.Builder graph = Graph.builder();
        Graph.Node source = graph.input("source", Form.sequences(3));
        Graph.Node target = graph.input("target", Form.sequences(3));
        graph.output("y", graph.layer(GeneralAttention.create().named("attention"), target, source));
        try (Device device = Devices.named("cpu");
                Model model = graph.build().on(device).build()) {
            assertThatThrownBy(() -> OnnxExport.of(model).withLengths().write(folder.resolve("model.onnx")))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("layer 'attention': ");
        }
    }
}
