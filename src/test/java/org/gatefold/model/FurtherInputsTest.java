package org.gatefold.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.gatefold.autograd.Variable;
import org.gatefold.contract.OnEveryDevice;
import org.gatefold.contract.Subject;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.NetworkJson;
import org.gatefold.file.JsonFields;
import org.gatefold.layer.Context;
import org.gatefold.layer.attention.DotAttention;
import org.gatefold.layer.attention.GeneralAttention;
import org.gatefold.layer.attention.MultiHeadAttention;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.cell.CellLoop;
import org.gatefold.layer.cell.LayerNormLstm;
import org.gatefold.layer.cell.Sru;
import org.gatefold.layer.pooling.TimePooling;
import org.gatefold.layer.recurrent.Gru;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.layer.recurrent.RecurrentLayer;
import org.gatefold.layer.recurrent.state.LayerState;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.simulator.SimulatedDevice;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Layers that read states of others, or a source, beside their input. */
class FurtherInputsTest {
    private static final int ROWS = 3;

    @BeforeAll
    static void load() {
        SimulatedDevice.loadIfBuilt();
    }

    /** An encoder whose states a decoder begins with; outputs are what the decoder says, and its cell state. */
    private static Network pair() {
        Graph.Builder graph = Graph.builder();
        Graph.Node source = graph.input("source", Form.sequences(3));
        Graph.Node target = graph.input("target", Form.sequences(2));
        Graph.Node read = graph.layer(Lstm.of(4).named("encoder"), source);
        Graph.Node said = graph.layer(
                Lstm.of(4).returnSequences().named("decoder"), target, graph.state(read, 0), graph.state(read, 1));
        graph.output("answer", graph.layer(Linear.of(2), said));
        graph.output("cell", graph.state(said, 1));
        return graph.build();
    }

    /** A decoder that attends to what an encoder gave, and once more to itself by the same layer. */
    private static Network attending() {
        Graph.Builder graph = Graph.builder();
        Graph.Node source = graph.input("source", Form.sequences(3));
        Graph.Node target = graph.input("target", Form.sequences(2));
        Graph.Node read = graph.layer(Gru.of(4).returnSequences().named("encoder"), source);
        Graph.Node said = graph.layer(Gru.of(4).returnSequences().named("decoder"), target, graph.state(read, 0));
        GeneralAttention attention = GeneralAttention.create().named("attention");
        Graph.Node seen = graph.layer(attention, said, read);
        graph.output("answer", graph.layer(Linear.of(2), graph.concatenate(seen, graph.layer(attention, said))));
        return graph.build();
    }

    /** A decoder that attends to itself and to a source with several heads, which together are no four features. */
    private static Network manyHeads() {
        Graph.Builder graph = Graph.builder();
        Graph.Node source = graph.input("source", Form.sequences(3));
        Graph.Node target = graph.input("target", Form.sequences(2));
        Graph.Node read = graph.layer(Linear.of(4).named("encoder"), source);
        Graph.Node said = graph.layer(Linear.of(4).named("decoder"), target);
        Graph.Node own = graph.layer(
                MultiHeadAttention.of(2).headSize(3).withoutBias().causal().named("own"), said);
        Graph.Node seen = graph.layer(MultiHeadAttention.of(3).headSize(2).named("across"), own, read);
        graph.output("answer", graph.layer(Linear.of(2), graph.concatenate(seen, own)));
        return graph.build();
    }

    /** Cells of a program's own, whose states go from one to another, and to a layer that is built in. */
    private static Network written() {
        Graph.Builder graph = Graph.builder();
        Graph.Node source = graph.input("source", Form.sequences(3));
        Graph.Node target = graph.input("target", Form.sequences(2));
        Graph.Node read = graph.layer(CellLoop.of(Sru.of(3)).returnSequences().named("encoder"), source);
        Graph.Node said = graph.layer(
                CellLoop.of(LayerNormLstm.of(3).epsilon(0.5f))
                        .reverse()
                        .returnSequences()
                        .named("decoder"),
                target,
                graph.state(read, 0),
                graph.layer(TimePooling.mean(), read));
        Graph.Node again = graph.layer(Gru.of(3).named("reader"), said, graph.state(said, 1));
        graph.output("answer", graph.layer(Linear.of(2), graph.concatenate(again, graph.state(said, 0))));
        return graph.build();
    }

    private static Map<String, Variable> inputs(Model model, Context context) {
        Random random = new Random(7);
        Map<String, Variable> inputs = new LinkedHashMap<>();
        model.inputs().forEach((name, form) -> {
            int steps = name.equals("source") ? 5 : 4;
            Tensor x = form.sequence()
                    ? context.scope().f32(name, steps, ROWS, form.last())
                    : context.scope().f32(name, ROWS, form.last());
            float[] values = new float[Math.toIntExact(x.elements())];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.nextGaussian();
            }
            x.write(values);
            Lengths lengths = form.sequence() ? context.scope().lengths(steps, steps, 2, 3) : null;
            inputs.put(name, Variable.constant(x, lengths));
        });
        return inputs;
    }

    @OnEveryDevice
    void aDecoderBeginsWhereAnEncoderEnds(String name, String implementation) {
        try (Subject subject = Subject.open(name, implementation, LinearOp.class);
                Model model = pair().on(subject.device()).seed(3).build();
                Context context = Context.inference(subject.device())) {
            context.begin(0);
            Map<String, Variable> inputs = inputs(model, context);
            Map<String, Variable> outputs = model.forward(context, inputs);
            LayerState last = ((RecurrentLayer<?>) model.layer("encoder"))
                    .forward(context, inputs.get("source"), null)
                    .state();
            RecurrentLayer.Result said =
                    ((RecurrentLayer<?>) model.layer("decoder")).forward(context, inputs.get("target"), last);
            Variable answer = model.layer("linear").forward(context, said.output());
            assertThat(outputs.get("answer").value().toFloats())
                    .containsExactly(answer.value().toFloats());
            assertThat(outputs.get("cell").value().toFloats())
                    .containsExactly(said.state().c().value().toFloats());
        }
    }

    @OnEveryDevice
    void gradientsGoThroughStates(String name, String implementation) {
        for (Network network : new Network[] {pair(), CrossedStates.network(), attending(), manyHeads(), written()}) {
            try (Subject subject = Subject.open(name, implementation, LinearOp.class);
                    Model model = network.on(subject.device()).seed(2).build();
                    Context context = Context.training(subject.device(), 1)) {
                SumGradients.assertRight(model, context, each -> inputs(model, each), 4, 3e-3);
            }
        }
    }

    @Test
    void theFootprintIsWhatAStepUses() {
        for (Network network : new Network[] {pair(), CrossedStates.network(), attending(), manyHeads(), written()}) {
            try (Device device = Devices.named("reference");
                    Model model = network.on(device).build();
                    Context context = Context.training(device, 1)) {
                for (int step = 0; step < 2; step++) {
                    context.begin(step);
                    Map<String, Variable> given = new LinkedHashMap<>();
                    model.inputs().forEach((name, form) -> {
                        Tensor x = form.sequence()
                                ? context.scope().zeros("x", 9, 5, form.last())
                                : context.scope().zeros("x", 5, form.last());
                        given.put(
                                name,
                                Variable.constant(
                                        x, form.sequence() ? context.scope().lengths(9, 9, 0, 3, 5, 1) : null));
                    });
                    model.forward(context, given).values().forEach(y -> y.gradient()
                            .fill(1f));
                    context.tape().backward();
                }
                long footprint = model.footprint(5, 9).step();
                // Values that are read several times take a contribution for each further reader.
                assertThat(context.scope().peakBytes()).isBetween(footprint, footprint + 4096);
            }
        }
    }

    @Test
    void descriptionsKeepStates() throws Exception {
        for (Network network : new Network[] {pair(), CrossedStates.network(), attending(), manyHeads(), written()}) {
            Network again =
                    Network.of(NetworkJson.read(JsonFields.of("network", NetworkJson.write(network.description()))));
            assertThat(again.description()).isEqualTo(network.description());
            assertThat(again.parameters()).isEqualTo(network.parameters());
        }
    }

    @Test
    void whatDoesNotFitIsNamed() {
        Graph.Builder graph = Graph.builder();
        Graph.Node x = graph.input("x", Form.sequences(3));
        Graph.Node y = graph.layer(Lstm.of(4).named("a"), x);
        Graph.Node h = graph.state(y, 0);
        assertThatThrownBy(() -> graph.layer(Lstm.of(4).named("b"), x, h))
                .hasMessage("initial: expected [[B, 4], [B, 4]] for layer 'b', got [[B, 4]]");
        assertThatThrownBy(() -> graph.layer(Gru.of(3).named("c"), x, h))
                .hasMessage("initial: expected [[B, 3]] for layer 'c', got [[B, 4]]");
        assertThatThrownBy(() -> graph.layer(Linear.of(3).named("d"), x, h))
                .hasMessage("layer 'd': expected one that has states, got Linear");
        assertThatThrownBy(() -> graph.layer(Gru.of(4).stateful().named("e"), x, h))
                .hasMessage("layer 'e': is stateful, and carries its states from batch to batch itself");
        assertThatThrownBy(() -> graph.layer(DotAttention.create().named("f"), x, h))
                .hasMessage("source: expected [[T, B, 3]] for layer 'f', got [[B, 4]]");
        assertThatThrownBy(() -> graph.state(x, 0)).hasMessage("applied: expected what a layer gives, got 'x'");
        assertThatThrownBy(() -> graph.state(h, 0)).hasMessage("applied: expected what a layer gives, got 'a.state0'");
        assertThatThrownBy(() -> graph.state(y, 2)).isInstanceOf(IndexOutOfBoundsException.class);
        try (Device device = Devices.named("reference");
                Model model = pair().on(device).build()) {
            assertThatThrownBy(() -> model.stream(1))
                    .hasMessage("stream: layer 'decoder' (Lstm) begins with states that the model gives it,"
                            + " for a whole sequence");
        }
    }
}
