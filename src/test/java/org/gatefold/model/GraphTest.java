package org.gatefold.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.gatefold.autograd.Variable;
import org.gatefold.data.Column;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.layer.Context;
import org.gatefold.layer.basic.ActivationLayer;
import org.gatefold.layer.basic.Dropout;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.pooling.TimePooling;
import org.gatefold.layer.recurrent.Gru;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class GraphTest {
    /** Two sequences read by one encoder, compared and put beside each other; two outputs. */
    private static Network twins() {
        Graph.Builder graph = Graph.builder();
        Twins twins = Twins.of(graph, 3, Lstm.of(4).named("encoder"));
        Graph.Node product = graph.multiply(twins.left(), twins.right());
        Graph.Node all = graph.concatenate(twins.left(), twins.right(), product);
        Graph.Node hidden = graph.layer(ActivationLayer.tanh(), graph.layer(Linear.of(5), all));
        graph.output("distance", graph.layer(Linear.of(1), hidden));
        graph.output("classes", graph.layer(Linear.of(2), graph.add(hidden, hidden)));
        return graph.build();
    }

    private static Map<String, Variable> inputs(Context context, int batch) {
        Map<String, Variable> inputs = new LinkedHashMap<>();
        int seed = 1;
        for (String name : new String[] {"left", "right"}) {
            inputs.put(name, BatchFirst.sequences(context, TestModels.sequences(batch, 6, seed++), null));
        }
        return inputs;
    }

    @Test
    void formsAndParametersAreKnownBeforeADeviceIs() {
        Network network = twins();
        assertThat(network.inputs()).containsOnlyKeys("left", "right");
        assertThat(network.outputs())
                .containsExactly(Map.entry("distance", Form.rows(1)), Map.entry("classes", Form.rows(2)));
        assertThat(network.parameters().keySet())
                .containsExactly(
                        "encoder.0.forward.wx",
                        "encoder.0.forward.wh",
                        "encoder.0.forward.b",
                        "linear.w",
                        "linear.b",
                        "linear2.w",
                        "linear2.b",
                        "linear3.w",
                        "linear3.b");
        assertThat(network.parameters().get("linear.w").toArray()).containsExactly(5, 12);
        assertThat(network.summary())
                .contains("inputs: left [T, B, 3], right [T, B, 3]", "outputs: distance [B, 1], classes [B, 2]");
        assertThat(Network.of(network.description()).description()).isEqualTo(network.description());
        assertThat(((GraphDescription) network.description()).isChain()).isFalse();
    }

    /** Shared layers, values read twice, merges: against differences of the sum of all outputs. */
    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void gradientsAreThoseOfTheSum(String name) {
        try (Device device = Devices.named(name);
                Model model = twins().on(device).seed(2).build();
                Context context = Context.training(device, 1)) {
            SumGradients.assertRight(model, context, each -> inputs(each, 3), 5, 2e-3);
        }
    }

    @Test
    void theFootprintIsWhatAStepUses() {
        try (Device device = Devices.named("reference");
                Model model = twins().on(device).build();
                Context context = Context.training(device, 1)) {
            for (int step = 0; step < 2; step++) {
                context.begin(step);
                Map<String, Variable> inputs = new LinkedHashMap<>();
                for (String name : model.inputs().keySet()) {
                    Tensor x = context.scope().zeros("x", 9, 5, 3);
                    Lengths lengths = context.scope().lengths(9, 9, 0, 3, 5, 1);
                    inputs.put(name, Variable.constant(x, lengths));
                }
                model.forward(context, inputs).values().forEach(y -> y.gradient()
                        .fill(1f));
                context.tape().backward();
            }
            // Values that are read several times take a contribution for each further reader.
            assertThat(context.scope().peakBytes())
                    .isBetween(
                            model.footprint(5, 9).step(), model.footprint(5, 9).step() + 4096);
        }
    }

    /** Two rows of three steps of one feature, of which the first row takes three and the second one. */
    @Test
    void gatheredStepsAreThoseOfTheirPlaces() {
        try (Device device = Devices.named("reference");
                Context context = Context.training(device, 1)) {
            context.begin(0);
            Tensor steps = context.scope().zeros("x", 3, 2, 1);
            steps.write(10f, 20f, 11f, 21f, 12f, 22f);
            Variable x = Variable.of(steps, null, context.scope());
            Tensor ids = context.scope().i32("places", 3, 2);
            ids.write(2, 1, 0, 0, 2, -7);
            Lengths lengths = context.scope().lengths(3, 3, 1);
            Variable y = Merge.GATHER.of(context, x, Variable.constant(ids, lengths));
            assertThat(y.value().toFloats()).containsExactly(12f, 21f, 10f, 0f, 12f, 0f);
            assertThat(y.lengths().toArray()).containsExactly(3, 1);
            y.gradient().write(1f, 2f, 3f, 4f, 5f, 6f);
            context.tape().backward();
            assertThat(x.gradient().toFloats()).containsExactly(3f, 0f, 0f, 2f, 6f, 0f);

            ids.write(3, 1, 0, 0, 2, 0);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Merge.GATHER.of(context, x, Variable.constant(ids, lengths)))
                    .withMessage("merge: expected places of 0 to 2, got 3 in row 0");
        }
        assertThat(Merge.GATHER.form(List.of(Form.sequences(4), Form.tokens()))).isEqualTo(Form.sequences(4));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Merge.GATHER.form(List.of(Form.sequences(4), Form.sequences(4))));
        assertThatIllegalArgumentException().isThrownBy(() -> Merge.GATHER.form(List.of(Form.rows(4), Form.tokens())));
    }

    /** Two rows of two features, of which the first is wanted at two steps and the second at one. */
    @Test
    void repeatedRowsStandAtEachStep() {
        try (Device device = Devices.named("reference");
                Context context = Context.training(device, 1)) {
            context.begin(0);
            Variable x = variable(context, 1f, 2f, 3f, 4f);
            Lengths lengths = context.scope().lengths(2, 2, 1);
            Variable like = Variable.constant(context.scope().zeros("like", 2, 2, 5), lengths);
            Variable y = Merge.REPEAT.of(context, x, like);
            assertThat(y.value().toFloats()).containsExactly(1f, 2f, 3f, 4f, 1f, 2f, 0f, 0f);
            assertThat(y.lengths().toArray()).containsExactly(2, 1);
            y.gradient().write(1f, 2f, 3f, 4f, 5f, 6f, 7f, 8f);
            context.tape().backward();
            assertThat(x.gradient().toFloats()).containsExactly(6f, 8f, 3f, 4f);
        }
        assertThat(Merge.REPEAT.form(List.of(Form.rows(4), Form.sequences(2)))).isEqualTo(Form.sequences(4));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Merge.REPEAT.form(List.of(Form.sequences(4), Form.sequences(2))));
        assertThatIllegalArgumentException().isThrownBy(() -> Merge.REPEAT.form(List.of(Form.rows(4), Form.rows(2))));
    }

    @ParameterizedTest
    @EnumSource(
            value = Merge.class,
            names = {"GATHER", "REPEAT"})
    void theFootprintOfPickedStepsIsWhatAStepUses(Merge merge) {
        Graph.Builder graph = Graph.builder();
        Graph.Node x = graph.input("x", Form.sequences(3));
        Graph.Node places = graph.input("places", Form.tokens());
        Graph.Node steps = graph.layer(Linear.of(4), x);
        graph.output(
                "y",
                merge == Merge.GATHER
                        ? graph.gather(steps, places)
                        : graph.merge(merge, graph.layer(TimePooling.mean(), steps), places));
        requireFootprint(
                graph.build(),
                scope -> Map.of(
                        "x",
                        Variable.constant(scope.zeros("x", 9, 5, 3), raggedLengths(scope)),
                        "places",
                        Variable.constant(scope.i32("places", 9, 5), raggedLengths(scope))));
    }

    /** Lengths of 5 rows of up to 9 steps. */
    private static Lengths raggedLengths(Scope scope) {
        return scope.lengths(9, 9, 0, 3, 5, 1);
    }

    /** A training step on 5 rows of 9 steps takes what the footprint says; the description stays what it is. */
    private static void requireFootprint(Network network, Function<Scope, Map<String, Variable>> inputs) {
        assertThat(Network.of(network.description()).description()).isEqualTo(network.description());
        try (Device device = Devices.named("reference");
                Model model = network.on(device).build();
                Context context = Context.training(device, 1)) {
            for (int step = 0; step < 2; step++) {
                context.begin(step);
                model.forward(context, inputs.apply(context.scope()))
                        .get("y")
                        .gradient()
                        .fill(1f);
                context.tape().backward();
            }
            assertThat(context.scope().peakBytes())
                    .isBetween(
                            model.footprint(5, 9).step(), model.footprint(5, 9).step() + 4096);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Merge.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"GATHER", "REPEAT", "SUBTRACT"})
    void mergesGiveTheirValuesAndGradients(Merge merge) {
        try (Device device = Devices.named("reference");
                Context context = Context.training(device, 1)) {
            context.begin(0);
            Variable a = variable(context, 1f, 2f, 3f, 4f);
            Variable b = variable(context, 5f, 6f, 7f, 8f);
            Variable y = merge.of(context, a, b, a);
            float[] expected =
                    switch (merge) {
                        case ADD -> new float[] {7f, 10f, 13f, 16f};
                        case MULTIPLY -> new float[] {5f, 24f, 63f, 128f};
                        case AVERAGE -> new float[] {7f / 3, 10f / 3, 13f / 3, 16f / 3};
                        case MAXIMUM -> new float[] {5f, 6f, 7f, 8f};
                        case MINIMUM -> new float[] {1f, 2f, 3f, 4f};
                        case CONCATENATE -> new float[] {1f, 2f, 5f, 6f, 1f, 2f, 3f, 4f, 7f, 8f, 3f, 4f};
                        case GATHER, REPEAT, SUBTRACT -> throw new IllegalArgumentException();
                    };
            assertThat(y.value().toFloats()).containsExactly(expected, within(1e-6f));
            assertThat(y.shape())
                    .isEqualTo(merge.form(Collections.nCopies(3, Form.rows(2))).shape(1, 2));
            y.gradient().fill(1f);
            context.tape().backward();
            float[] da =
                    switch (merge) {
                        case ADD, CONCATENATE -> new float[] {2f, 2f, 2f, 2f};
                        case MULTIPLY -> new float[] {10f, 24f, 42f, 64f};
                        case AVERAGE -> filled(2f / 3);
                        case MAXIMUM -> filled(0f);
                        case MINIMUM -> filled(1f);
                        case GATHER, REPEAT, SUBTRACT -> throw new IllegalArgumentException();
                    };
            float[] db =
                    switch (merge) {
                        case MULTIPLY -> new float[] {1f, 4f, 9f, 16f};
                        case AVERAGE -> filled(1f / 3);
                        case MINIMUM -> filled(0f);
                        default -> filled(1f);
                    };
            assertThat(a.gradient().toFloats()).containsExactly(da, within(1e-6f));
            assertThat(b.gradient().toFloats()).containsExactly(db, within(1e-6f));

            context.begin(1);
            Variable c = variable(context, 1f, 2f, 3f, 4f);
            merge.of(context, c, c).gradient().fill(1f);
            context.tape().backward();
            float[] dc =
                    switch (merge) {
                        case MULTIPLY -> new float[] {2f, 4f, 6f, 8f};
                        case AVERAGE, MAXIMUM, MINIMUM -> filled(1f);
                        default -> filled(2f);
                    };
            assertThat(c.gradient().toFloats()).containsExactly(dc);
        }
    }

    private static float[] filled(float value) {
        return new float[] {value, value, value, value};
    }

    @Test
    void oneValueLessAnotherHasGradientsOfBothSigns() {
        try (Device device = Devices.named("reference");
                Context context = Context.training(device, 1)) {
            context.begin(0);
            Variable a = variable(context, 1f, 2f, 3f, 4f);
            Variable b = variable(context, 5f, 7f, 9f, 11f);
            Variable y = Merge.SUBTRACT.of(context, a, b);
            assertThat(y.value().toFloats()).containsExactly(-4f, -5f, -6f, -7f);
            y.gradient().fill(1f);
            context.tape().backward();
            assertThat(a.gradient().toFloats()).containsExactly(filled(1f));
            assertThat(b.gradient().toFloats()).containsExactly(filled(-1f));
        }
        List<Form> three = Collections.nCopies(3, Form.rows(2));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Merge.SUBTRACT.form(three))
                .withMessage("merge: expected two values, one less the other, got 3");
    }

    /** What the largest and the smallest take from memory, and leave in a file. */
    @ParameterizedTest
    @EnumSource(
            value = Merge.class,
            names = {"SUBTRACT", "AVERAGE", "MAXIMUM", "MINIMUM"})
    void theFootprintOfMergesIsWhatAStepUses(Merge merge) {
        Graph.Builder graph = Graph.builder();
        Graph.Node x = graph.input("x", Form.sequences(3));
        Graph.Node a = graph.layer(Linear.of(40), x);
        Graph.Node b = graph.layer(Linear.of(40), x);
        Graph.Node c = graph.layer(Linear.of(40), x);
        graph.output("y", merge == Merge.SUBTRACT ? graph.subtract(a, graph.add(b, c)) : graph.merge(merge, a, b, c));
        requireFootprint(
                graph.build(),
                scope -> Map.of("x", Variable.constant(scope.zeros("x", 9, 5, 3), raggedLengths(scope))));
    }

    private static Variable variable(Context context, float... values) {
        Tensor x = context.scope().f32("x", values.length / 2, 2);
        x.write(values);
        return Variable.of(x, null, context.scope());
    }

    @Test
    void sequencesAreMergedStepByStep() {
        Graph.Builder graph = Graph.builder();
        Graph.Node x = graph.input("x", Form.sequences(3));
        Graph.Node h = graph.layer(Gru.of(3).returnSequences(), x);
        graph.output("y", graph.layer(TimePooling.max(), graph.concatenate(x, graph.add(x, h))));
        try (Device device = Devices.named("reference");
                Model model = graph.build().on(device).build();
                Context context = Context.inference(device)) {
            float[][][] rows = TestModels.sequences(4, 5, 3);
            assertThat(model.predict(rows)).hasDimensions(4, 6);
            context.begin(0);
            Variable some = BatchFirst.sequences(context, rows, null);
            Variable all = BatchFirst.sequences(context, new float[4][5][3], null);
            assertThatThrownBy(() -> Merge.ADD.of(context, some, all))
                    .hasMessage("values: expected sequences of equal lengths, got "
                            + Arrays.toString(some.lengths().toArray()) + " and [5, 5, 5, 5]");
        }
    }

    @Test
    void severalInputsAreGivenByName() {
        try (Device device = Devices.named("reference");
                Model model = twins().on(device).build();
                Context context = Context.inference(device)) {
            context.begin(0);
            Map<String, Variable> both = inputs(context, 2);
            assertThat(model.forward(context, both)).containsOnlyKeys("distance", "classes");
            Variable left = both.get("left");
            assertThatThrownBy(() -> model.forward(context, Map.of("left", left)))
                    .hasMessage("inputs: expected [left, right], got [left]");
            assertThatThrownBy(() -> model.forward(context, left))
                    .hasMessage("model: expected one with a single input, got one with [left, right];"
                            + " give inputs and take outputs by name");
            assertThatThrownBy(() -> model.predict(new float[1][2][3]))
                    .hasMessageStartingWith("model: expected one with a single");
            Variable narrow = BatchFirst.sequences(context, new float[2][4][2], null);
            assertThatThrownBy(() -> model.forward(context, Map.of("left", left, "right", narrow)))
                    .hasMessage("input 'right': expected shape [T, B, 3], got [4, 2, 2]");
            assertThat(model.layer("encoder")).isInstanceOf(Lstm.class);
            assertThatThrownBy(() -> model.layer("decoder"))
                    .hasMessage(
                            "layer: expected one of [encoder, linear, activation, linear2, linear3], got 'decoder'");
        }
    }

    @Test
    void mistakesAreNamedWhereTheyAreMade() {
        Graph.Builder graph = Graph.builder();
        Graph.Node x = graph.input("x", Form.sequences(3));
        assertThatThrownBy(() -> graph.input("x", Form.rows(2))).hasMessage("input 'x': the name is taken");
        Lstm lstm = Lstm.of(4);
        Graph.Node h = graph.layer(lstm, x);
        assertThat(h.form()).isEqualTo(Form.rows(4));
        assertThatThrownBy(() -> graph.layer(lstm, h))
                .hasMessage("layer 'lstm': expected [T, B, 3] as before, got [B, 4]");
        assertThatThrownBy(() -> graph.layer(Lstm.of(2), h))
                .hasMessageStartingWith("layer 'lstm2': expected sequences");
        assertThatThrownBy(() -> graph.add(x, h))
                .hasMessage("merge: expected values that ADD takes, got [[T, B, 3], [B, 4]]");
        assertThatThrownBy(() -> graph.add(h)).hasMessage("values: expected at least 2, got 1");
        assertThatThrownBy(() -> graph.input("late", Form.rows(1)))
                .hasMessage("input 'late': comes after a layer; declare inputs first");
        Graph.Node foreign = Graph.builder().input("x", Form.sequences(3));
        assertThatThrownBy(() -> graph.output("y", foreign))
                .hasMessage("graph: expected a value of this graph, got one of another");
        assertThatThrownBy(graph::build).hasMessage("module: expected at least one output, got none");
        graph.layer(Linear.of(1).named("spare"), h);
        graph.output("y", h);
        assertThatThrownBy(graph::build).hasMessage("graph: 'spare' leads to no output");
        graph.output("z", graph.layer(Linear.of(1), h));
    }

    @Test
    void whatLeadsToNoOutputIsPruned() {
        Graph.Builder graph = Graph.builder();
        Graph.Node x = graph.input("x", Form.sequences(2));
        Lstm lstm = Lstm.of(3).returnSequences();
        Graph.Node unread = graph.layer(lstm, graph.layer(Dropout.of(0.5f).named("unread"), x));
        graph.state(unread, 0);
        Graph.Node steps = graph.layer(lstm, x);
        Graph.Node state = graph.state(steps, 0);
        graph.add(steps, unread);
        graph.output("y", graph.layer(Linear.of(1), graph.multiply(state, graph.layer(TimePooling.last(), steps))));
        Network pruned = graph.prune().build();
        assertThat(pruned.layers().stream().map(layer -> layer.layer().name()))
                .containsExactly("lstm", "timepooling", "linear");
        Graph.Builder other = Graph.builder();
        Graph.Node same = other.input("x", Form.sequences(2));
        Graph.Node again = other.layer(Lstm.of(3).returnSequences(), same);
        Graph.Node last = other.layer(TimePooling.last(), again);
        other.output("y", other.layer(Linear.of(1), other.multiply(other.state(again, 0), last)));
        float[][][] rows = {{{1f, 2f}, {3f, -1f}}};
        try (Device device = Devices.named("reference");
                Model one = pruned.on(device).seed(3).build();
                Model two = other.build().on(device).seed(3).build()) {
            assertThat(one.predict(Column.sequences("x", rows)).get("y").rows())
                    .isDeepEqualTo(
                            two.predict(Column.sequences("x", rows)).get("y").rows());
        }
    }

    @Test
    void layersWithParametersAreNotPruned() {
        Graph.Builder graph = Graph.builder();
        Graph.Node x = graph.input("x", Form.rows(2));
        graph.layer(Linear.of(3).named("spare"), x);
        graph.output("y", graph.layer(Linear.of(1), x));
        assertThatThrownBy(graph::prune).hasMessage("graph: 'spare' leads to no output");
    }
}
