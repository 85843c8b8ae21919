package org.gatefold.layer.cell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;
import org.gatefold.autograd.Variable;
import org.gatefold.contract.OnEveryDevice;
import org.gatefold.contract.Subject;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.layer.Context;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Layers;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.Stated;
import org.gatefold.layer.TrainingCheck;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Gru;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.layer.recurrent.RecurrentLayer;
import org.gatefold.layer.recurrent.state.LayerState;
import org.gatefold.layer.recurrent.state.StateValues;
import org.gatefold.model.Graph;
import org.gatefold.model.Model;
import org.gatefold.model.ModelStream;
import org.gatefold.model.SequenceInput;
import org.gatefold.model.SequenceOutput;
import org.gatefold.model.Sequential;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.simulator.SimulatedDevice;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Mask;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;
import org.gatefold.train.loss.Loss;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A cell written on variables does what the built-in layer of the same equations does, whatever the rows are like. */
class CellLoopTest {
    private static final int STEPS = 5;
    private static final int BATCH = 4;
    private static final int FEATURES = 3;
    private static final int UNITS = 6;

    /** Parameters of a cell that normalises; the built-in layer has no shift of the products, which have a bias. */
    private static final List<String> NORMS = List.of("normx.gamma", "normh.gamma", "normc.gamma", "normc.beta");

    @BeforeAll
    static void load() {
        SimulatedDevice.loadIfBuilt();
    }

    /** Which rows are real. */
    private enum Rows {
        FULL,
        LENGTHS,
        MASK;

        Lengths of(Scope scope) {
            return switch (this) {
                case FULL -> null;
                case LENGTHS -> scope.lengths(STEPS, 2, 0, 5, 3);
                case MASK ->
                    scope.lengths(Mask.of(STEPS, new boolean[][] {
                        {true, false, true, true, false},
                        {false, false, false, false, false},
                        {true, true, true, true, true},
                        {false, true, false, true, true}
                    }));
            };
        }
    }

    @ParameterizedTest
    @CsvSource({
        "reference,reference,FULL", "reference,reference,LENGTHS", "reference,reference,MASK",
        "cpu,cpu.native,FULL", "cpu,cpu.native,LENGTHS", "cpu,cpu.native,MASK",
        "cuda:0,cuda,FULL", "cuda:0,cuda,LENGTHS", "cuda:0,cuda,MASK"
    })
    void agreesWithTheBuiltInLayer(String name, String implementation, Rows rows) {
        compare(name, implementation, rows, () -> new WrittenLstm(UNITS), () -> Lstm.of(UNITS));
    }

    @ParameterizedTest
    @CsvSource({
        "reference,reference,FULL", "reference,reference,LENGTHS", "reference,reference,MASK",
        "cpu,cpu.native,FULL", "cpu,cpu.native,LENGTHS", "cpu,cpu.native,MASK",
        "cuda:0,cuda,FULL", "cuda:0,cuda,LENGTHS", "cuda:0,cuda,MASK"
    })
    void agreesWithTheBuiltInLayerThatNormalises(String name, String implementation, Rows rows) {
        compare(name, implementation, rows, () -> LayerNormLstm.of(UNITS), () -> Lstm.of(UNITS)
                .layerNorm());
    }

    @ParameterizedTest
    @CsvSource({
        "reference,reference,FULL", "reference,reference,LENGTHS", "reference,reference,MASK",
        "cpu,cpu.native,FULL", "cpu,cpu.native,LENGTHS", "cpu,cpu.native,MASK",
        "cuda:0,cuda,FULL", "cuda:0,cuda,LENGTHS", "cuda:0,cuda,MASK"
    })
    void agreesWithTheBuiltInGruThatNormalises(String name, String implementation, Rows rows) {
        compare(name, implementation, rows, () -> LayerNormGru.of(UNITS), () -> Gru.of(UNITS)
                .layerNorm());
    }

    private static void compare(
            String name,
            String implementation,
            Rows rows,
            Supplier<CellFunction> cell,
            Supplier<RecurrentLayer<?>> layer) {
        for (boolean reverse : new boolean[] {false, true}) {
            for (boolean sequences : new boolean[] {false, true}) {
                CellLoop written = CellLoop.of(cell.get());
                RecurrentLayer<?> built = layer.get();
                if (reverse) {
                    written.reverse();
                    built.reverse();
                }
                if (sequences) {
                    written.returnSequences();
                    built.returnSequences();
                }
                try (Subject subject = Subject.open(name, implementation, LinearOp.class);
                        Scope scope = subject.device().openScope("model")) {
                    compare(scope, written, built, rows, reverse);
                }
            }
        }
    }

    private static void compare(Scope scope, CellLoop written, RecurrentLayer<?> built, Rows rows, boolean reverse) {
        ParameterStore store = new ParameterStore();
        written.build(store, "written", Form.sequences(FEATURES));
        built.build(store, "built", Form.sequences(FEATURES));
        store.allocate(scope, 3);
        String direction = "built.0." + (reverse ? "reverse." : "forward.");
        boolean lstm = built instanceof Lstm;
        // A built-in LSTM has one bias, no shifts of its products.
        List<String> own = store.list().stream()
                .map(parameter -> parameter.name().substring(parameter.name().indexOf('.') + 1))
                .filter(lstm ? name -> name.equals("b") || NORMS.contains(name) : name -> name.startsWith("norm"))
                .toList();
        for (int i = 0; i < own.size(); i++) {
            Parameter parameter = store.get("written." + own.get(i));
            parameter.set(random(8 + i, Math.toIntExact(parameter.shape().elements())));
        }
        for (String part : new String[] {"wx", "wh"}) {
            store.get(direction + part).set(store.get("written." + part).value().toFloats());
        }
        Function<String, float[]> values =
                part -> store.get("written." + part).value().toFloats();
        boolean normed = own.contains("normx.gamma");
        if (normed) {
            store.get(direction + "norm").set(joined(lstm ? NORMS : NORMS.subList(0, 2), values));
        }
        store.get(direction + "b").set(lstm ? values.apply("b") : biases(values));
        try (Context context = Context.training(scope.device(), 1)) {
            store.zeroGradients();
            context.begin(1);
            Lengths lengths = rows.of(context.scope());
            Variable x = input(context, lengths);
            Variable[] initial = states(context, lstm, Shape.of(BATCH, UNITS));
            Stated.Outcome mine = written.forward(context, x, List.of(initial));
            Variable other = input(context, lengths);
            Variable[] others = states(context, lstm, Shape.of(1, BATCH, UNITS));
            var theirs = built.forward(context, other, new LayerState(others[0], lstm ? others[1] : null));

            // The loop has no state that is its output: a row without steps gives zeros, and its state is the state.
            float[] y = theirs.output().value().toFloats();
            if (rows != Rows.FULL && theirs.output().shape().rank() == 2) {
                Arrays.fill(y, UNITS, 2 * UNITS, 0f);
            }
            close("y", mine.output().value().toFloats(), y);
            close(
                    "h",
                    mine.states().get(0).value().toFloats(),
                    theirs.state().h().value().toFloats());
            if (lstm) {
                close(
                        "c",
                        mine.states().get(1).value().toFloats(),
                        theirs.state().c().value().toFloats());
            }

            float[] dy = random(7, y.length);
            if (mine.output().shape().rank() == 2) {
                Arrays.fill(dy, UNITS, 2 * UNITS, 0f);
            }
            contribute(mine.output(), dy);
            contribute(theirs.output(), dy);
            if (lstm) {
                contribute(mine.states().get(1), random(9, BATCH * UNITS));
                contribute(theirs.state().c(), random(9, BATCH * UNITS));
            }
            context.tape().backward();
            close("dx", x.gradient().toFloats(), other.gradient().toFloats());
            for (int i = 0; i < initial.length; i++) {
                close(
                        "gradient of initial state " + i,
                        initial[i].gradient().toFloats(),
                        others[i].gradient().toFloats());
            }
            for (String part : new String[] {"wx", "wh"}) {
                close(
                        "d" + part,
                        store.get("written." + part).gradient().toFloats(),
                        store.get(direction + part).gradient().toFloats());
            }
            Function<String, float[]> gradients =
                    part -> store.get("written." + part).gradient().toFloats();
            if (normed) {
                close(
                        "dnorm",
                        joined(lstm ? NORMS : NORMS.subList(0, 2), gradients),
                        store.get(direction + "norm").gradient().toFloats());
            }
            float[] db = store.get(direction + "b").gradient().toFloats();
            if (lstm) {
                close("db", gradients.apply("b"), db);
            } else {
                close("db of x", gradients.apply("normx.beta"), Arrays.copyOf(db, 3 * UNITS));
                close("db of h", gradients.apply("normh.beta"), recurrent(db));
            }
        }
    }

    /** h, and of an LSTM c. */
    private static Variable[] states(Context context, boolean lstm, Shape shape) {
        Variable h = variable(context, 5, shape);
        return lstm ? new Variable[] {h, variable(context, 6, shape)} : new Variable[] {h};
    }

    /** What the parameters of the written cell's normalisations have, in the order of the built-in layer's one. */
    private static float[] joined(List<String> names, Function<String, float[]> part) {
        List<float[]> all = names.stream().map(part).toList();
        float[] joined =
                new float[all.stream().mapToInt(values -> values.length).sum()];
        int at = 0;
        for (float[] values : all) {
            System.arraycopy(values, 0, joined, at, values.length);
            at += values.length;
        }
        return joined;
    }

    /** A built-in GRU's bias, of the shifts of both products: their sums for r and z, each for n. */
    private static float[] biases(Function<String, float[]> part) {
        float[] ofX = part.apply("normx.beta");
        float[] ofH = part.apply("normh.beta");
        float[] biases = Arrays.copyOf(ofX, 4 * UNITS);
        for (int i = 0; i < 2 * UNITS; i++) {
            biases[i] += ofH[i];
        }
        System.arraycopy(ofH, 2 * UNITS, biases, 3 * UNITS, UNITS);
        return biases;
    }

    /** Of the four blocks of such a bias those that are added to the product with h: r, z and the last. */
    private static float[] recurrent(float[] biases) {
        float[] blocks = Arrays.copyOf(biases, 3 * UNITS);
        System.arraycopy(biases, 3 * UNITS, blocks, 2 * UNITS, UNITS);
        return blocks;
    }

    /** With NaN wherever no real step stands. */
    private static Variable input(Context context, Lengths lengths) {
        float[] values = random(2, STEPS * BATCH * FEATURES);
        for (int t = 0; lengths != null && t < STEPS; t++) {
            for (int row = 0; row < BATCH; row++) {
                boolean real = lengths.mask() == null
                        ? t < lengths.of(row)
                        : lengths.mask().isReal(row, t);
                for (int i = 0; !real && i < FEATURES; i++) {
                    values[(t * BATCH + row) * FEATURES + i] = Float.NaN;
                }
            }
        }
        Tensor x = context.scope().f32("x", STEPS, BATCH, FEATURES);
        x.write(values);
        return Variable.of(x, lengths, context.scope());
    }

    private static Variable variable(Context context, long seed, Shape shape) {
        Tensor value = context.scope().f32("state", shape);
        value.write(random(seed, (int) shape.elements()));
        return Variable.of(value, null, context.scope());
    }

    private static void contribute(Variable to, float[] gradient) {
        Tensor contribution = to.contribution();
        contribution.write(gradient);
        to.contributed(contribution);
    }

    private static float[] random(long seed, int count) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return values;
    }

    private static void close(String what, float[] actual, float[] expected) {
        assertThat(actual).as(what).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).as("%s[%s]", what, i).isCloseTo(expected[i], within(2e-6f));
        }
    }

    /** A row's states go on from batch to batch, as if its parts had come at once. */
    @Test
    void statesAreCarried() {
        float[][][] whole = {{{0.3f}, {-0.2f}, {0.9f}, {0.4f}}};
        try (Device device = Devices.cpu();
                Scope scope = device.openScope("model");
                Context context = Context.inference(device)) {
            CellLoop layer =
                    CellLoop.of(new WrittenLstm(UNITS)).returnSequences().stateful();
            ParameterStore store = new ParameterStore();
            layer.build(store, "loop", Form.sequences(1));
            store.allocate(scope, 3);
            float[] atOnce = pass(context, layer, whole[0], 0, 4);
            context.clearCarriedStates();
            float[] first = pass(context, layer, whole[0], 0, 1);
            float[] second = pass(context, layer, whole[0], 1, 4);
            assertThat(first).containsExactly(Arrays.copyOf(atOnce, UNITS), within(1e-7f));
            assertThat(second).containsExactly(Arrays.copyOfRange(atOnce, UNITS, 4 * UNITS), within(1e-7f));
            assertThat(layer.carriesStates()).isTrue();
        }
    }

    /** States are handed in and told by name, as those of the built-in layers, whatever the lengths. */
    @OnEveryDevice
    void aWindowBeginsWhereTheOneBeforeEnded(String name, String implementation) {
        float[][][] whole = {{{0.3f, 1f}, {-0.2f, 0.4f}, {0.9f, -1f}}, {{0.4f, 0f}, {0.1f, 2f}, {-1f, 0.5f}}};
        float[][][] first = {{whole[0][0], whole[0][1]}, {whole[1][0]}};
        float[][][] rest = {{whole[0][2]}, {whole[1][1], whole[1][2]}};
        try (Subject subject = Subject.open(name, implementation, LinearOp.class);
                Sequential model = Sequential.on(subject.device())
                        .seed(4)
                        .add(CellLoop.of(Slstm.of(3)).named("own"))
                        .build(2)) {
            SequenceOutput atOnce = model.predict(SequenceInput.of(whole));
            SequenceOutput before = model.predict(SequenceInput.of(first));
            StateValues states = before.states().get("own");
            assertThat(states.count()).isEqualTo(4);
            SequenceOutput after = model.predict(SequenceInput.of(rest).state("own", states));
            StateValues again = StateValues.ofRows(states.rows(0), states.rows(1), states.rows(2), states.rows(3));
            assertThat(model.predict(SequenceInput.of(rest).state("own", again))
                            .output()
                            .rows())
                    .isDeepEqualTo(after.output().rows());
            for (int row = 0; row < 2; row++) {
                assertThat(after.output().rows()[row])
                        .containsExactly(atOnce.output().rows()[row], within(1e-6f));
                assertThat(after.states().get("own").rows(3)[row])
                        .containsExactly(atOnce.states().get("own").rows(3)[row], within(1e-6f));
            }
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            model.predict(SequenceInput.of(rest).state("own", StateValues.ofRows(states.rows(0)))))
                    .withMessage("states of 'own': expected 4, got 1");
            float[][] narrow = new float[2][2];
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> model.predict(
                            SequenceInput.of(rest).state("own", StateValues.ofRows(narrow, narrow, narrow, narrow))))
                    .withMessage("states of 'own': 0[0][0]: expected a length of 3 of [1][B][3], got 2");
        }
    }

    /** What a built-in LSTM ended with is where one written by hand begins. */
    @Test
    void statesOfBuiltInLayersFit() {
        float[][][] x = {{{0.3f}, {-0.2f}}, {{0.9f}, {0.4f}}};
        try (Device device = Devices.cpu();
                Sequential built =
                        Sequential.on(device).add(Lstm.of(UNITS).named("a")).build(1);
                Sequential written = Sequential.on(device)
                        .add(CellLoop.of(new WrittenLstm(UNITS)).named("a"))
                        .build(1)) {
            StateValues told = built.predict(SequenceInput.of(x)).states().get("a");
            float[][] begun = written.predict(SequenceInput.of(x).state("a", told))
                    .output()
                    .rows();
            assertThat(begun)
                    .isNotEqualTo(written.predict(SequenceInput.of(x)).output().rows());
            assertThat(written.predict(SequenceInput.of(x).state("a", StateValues.ofRows(told.h()[0], told.c()[0])))
                            .output()
                            .rows())
                    .isDeepEqualTo(begun);
            StateValues three = StateValues.ofRows(told.h()[0], told.c()[0], told.c()[0]);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> built.predict(SequenceInput.of(x).state("a", three)))
                    .withMessage("states of 'a': expected h and c, got 3");
        }
    }

    /** A stateful layer goes on from what is handed in. */
    @Test
    void handedStatesGoBeforeCarriedOnes() {
        float[][][] x = {{{0.3f, 1f}, {-0.2f, 0.4f}}};
        try (Device device = Devices.cpu();
                Sequential model = Sequential.on(device)
                        .add(CellLoop.of(Sru.of(3)).stateful().named("own"))
                        .build(2)) {
            StateValues zeros = StateValues.ofRows(new float[1][3]);
            float[][] begun = model.predict(SequenceInput.of(x)).output().rows();
            SequenceOutput on = model.predict(SequenceInput.of(x));
            assertThat(on.output().rows()).isNotEqualTo(begun);
            assertThat(model.predict(SequenceInput.of(x).state("own", zeros))
                            .output()
                            .rows())
                    .isDeepEqualTo(begun);
            assertThat(model.predict(SequenceInput.of(x)).output().rows())
                    .as("carried on from there")
                    .isDeepEqualTo(on.output().rows());
        }
    }

    /** In a stream the states that a graph reads are those behind each chunk. */
    @Test
    void aStreamTellsStates() {
        Graph.Builder graph = Graph.builder();
        Graph.Node x = graph.input("x", Form.sequences(2));
        Graph.Node y = graph.layer(CellLoop.of(Sru.of(3)).returnSequences().named("own"), x);
        graph.output("y", y);
        graph.output("state", graph.state(y, 0));
        float[][] steps = {{0.3f, 1f}, {-0.2f, 0.4f}, {0.9f, -1f}};
        try (Device device = Devices.cpu();
                Model model = graph.build().on(device).build()) {
            float[] whole = model.predict(Column.sequences("x", new float[][][] {steps}))
                    .get("state")
                    .rows()[0];
            try (ModelStream stream = model.stream(1)) {
                stream.chunk(Column.sequences("x", new float[][][] {{steps[0], steps[1]}}));
                float[] last = stream.chunk(Column.sequences("x", new float[][][] {{steps[2]}}))
                        .get("state")
                        .rows()[0];
                assertThat(last).containsExactly(whole, within(1e-6f));
            }
        }
    }

    private static float[] pass(Context context, Layer layer, float[][] steps, int from, int to) {
        context.begin(1);
        Tensor x = context.scope().f32("x", to - from, 1, 1);
        for (int t = from; t < to; t++) {
            x.write(t - from, steps[t], 0, 1);
        }
        return layer.forward(context, Variable.constant(x)).value().toFloats();
    }

    @OnEveryDevice
    void cellsAreTrainedSavedAndLoaded(String name, String implementation, @TempDir Path folder) throws Exception {
        Dataset data = TrainingCheck.sums(16, 2, 3);
        for (CellFunction cell : List.of(
                new WrittenLstm(5),
                IndRnn.of(5),
                Sru.of(5),
                Slstm.of(5),
                LayerNormLstm.of(5),
                LayerNormGru.of(5),
                BatchNormLstm.of(5),
                BatchNormLstm.of(5).perStep(3))) {
            try (Subject subject = Subject.open(name, implementation, LinearOp.class);
                    Model model = Sequential.on(subject.device())
                            .seed(3)
                            .add(CellLoop.of(cell))
                            .add(Linear.of(1))
                            .build(2)) {
                TrainingCheck.learnsAndComesBack(model, Loss.mse(), data, 15, "output", folder);
            }
        }
    }

    @Test
    void isMadeAgainFromItsDescription() {
        Layer layer = CellLoop.of(Sru.of(4)).reverse().stateful().named("a");
        assertThat(Layers.of(layer.description()).description()).isEqualTo(layer.description());
    }

    /** Gives what no loop can take. */
    private static final class Wrong extends CellFunction {
        @Override
        protected int declare(CellParts parts, int features) {
            parts.state(2);
            return 2;
        }

        @Override
        protected Variable step(Context context, Variable x, CellStates states) {
            return states.set(0, x);
        }
    }

    @Test
    void whatDoesNotFitIsRefused() {
        try (Device device = Devices.cpu();
                Scope scope = device.openScope("model");
                Context context = Context.inference(device)) {
            CellLoop layer = CellLoop.of(new Wrong());
            ParameterStore store = new ParameterStore();
            layer.build(store, "loop", Form.sequences(3));
            Variable x = Variable.constant(context.scope().zeros("x", 2, 1, 3));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> layer.forward(context, x))
                    .withMessage("state 0: expected shape [1, 2], got [1, 3]");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> layer.forward(context, x, List.of()))
                    .withMessage("initial: expected 1 states, got 0");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> CellLoop.of(new Wrong()).build(store, "rows", Form.rows(3)))
                    .withMessageContaining("expected sequences");
            assertThat(scope.isClosed()).isFalse();
        }
    }
}
