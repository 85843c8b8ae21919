package org.gatefold.layer.recurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.layer.Context;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.norm.StatisticsPass;
import org.gatefold.layer.recurrent.state.LayerState;
import org.gatefold.simulator.SimulatedDevice;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Batch normalisation of input products: of statistics that are taken of the products themselves, in double precision. */
class NormedInputTest {
    private static final int STEPS = 6;
    private static final int ROWS = 4;
    private static final int FEATURES = 5;
    private static final int[] LENGTHS = {6, 0, 3, 5};
    private static final float EPSILON = 0.01f;
    private static final float MOMENTUM = 0.25f;

    @BeforeAll
    static void load() {
        SimulatedDevice.loadIfBuilt();
    }

    /** A layer as it is, and one that normalises. */
    private record Kind(String name, Supplier<? extends RecurrentLayer<?>> plain) {
        RecurrentLayer<?> normed() {
            RecurrentLayer<?> layer = plain.get();
            layer.batchNorm(MOMENTUM, EPSILON);
            return layer;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static List<Kind> kinds() {
        return List.of(
                new Kind("lstm", () -> Lstm.of(3).peepholes().bidirectional().returnSequences()),
                new Kind("gru", () -> Gru.of(2).returnSequences()),
                new Kind(
                        "gru, reset before",
                        () -> Gru.of(2).resetBefore().reverse().returnSequences()),
                new Kind(
                        "rnn of more features than units",
                        () -> Rnn.of(3).bidirectional().returnSequences()),
                new Kind("rnn", () -> Rnn.of(FEATURES + 1).returnSequences()));
    }

    static Stream<Arguments> kindsOnDevices() {
        return Stream.of("reference", "cpu", "cuda:0")
                .flatMap(device -> kinds().stream().map(kind -> Arguments.of(device, kind)));
    }

    private static ParameterStore built(RecurrentLayer<?> layer, Scope scope, long seed) {
        ParameterStore store = new ParameterStore();
        layer.build(store, "r", Form.sequences(FEATURES));
        store.allocate(scope, seed);
        Random random = new Random(seed);
        for (Parameter parameter : store.list()) {
            float[] values = parameter.value().toFloats();
            for (int i = 0; i < values.length && !parameter.isFrozen(); i++) {
                values[i] = 2 * random.nextFloat() - 1;
            }
            parameter.set(values);
        }
        return store;
    }

    private static float[] numbers(int count, long seed) {
        Random random = new Random(seed);
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = 3 * random.nextFloat() - 1;
        }
        return numbers;
    }

    /** A sequence with what is no number behind the lengths. */
    private static float[] padded(long seed) {
        float[] x = numbers(STEPS * ROWS * FEATURES, seed);
        for (int i = 0; i < x.length; i++) {
            if (i / FEATURES / ROWS >= LENGTHS[i / FEATURES % ROWS]) {
                x[i] = Float.NaN;
            }
        }
        return x;
    }

    private static Variable input(Context context, float[] x, boolean differentiable) {
        Tensor tensor = context.scope().f32("x", STEPS, ROWS, FEATURES);
        tensor.write(x);
        return differentiable
                ? Variable.of(tensor, context.scope().lengths(STEPS, LENGTHS), context.scope())
                : Variable.constant(tensor, context.scope().lengths(STEPS, LENGTHS));
    }

    /** Mean and variance of the products with a row of weights over all real steps, and how many there are. */
    private static double[] moments(float[] wx, int row, float[] x) {
        List<Double> products = new ArrayList<>();
        for (int step = 0; step < STEPS * ROWS; step++) {
            double sum = 0;
            for (int i = 0; i < FEATURES; i++) {
                sum += (double) wx[row * FEATURES + i] * x[step * FEATURES + i];
            }
            if (step / ROWS < LENGTHS[step % ROWS]) {
                products.add(sum);
            }
        }
        double mean = products.stream().mapToDouble(p -> p).average().orElseThrow();
        double variance = products.stream()
                .mapToDouble(p -> (p - mean) * (p - mean))
                .average()
                .orElseThrow();
        return new double[] {mean, variance, products.size()};
    }

    /**
     * What the layer without normalisation gives, of weights and a bias with the statistics in them.
     *
     * @param weights of the layer that normalises
     * @param x whose statistics are taken; null for the running ones
     */
    private static float[] expected(Kind kind, Map<String, float[]> weights, float[] x, float[] given) {
        RecurrentLayer<?> layer = kind.plain().get();
        try (Device device = Devices.named("reference");
                Scope scope = device.openScope("plain");
                Context context = Context.inference(device)) {
            ParameterStore store = built(layer, scope, 1);
            for (Parameter parameter : store.list()) {
                parameter.set(weights.get(parameter.name()));
            }
            for (Parameter parameter : store.list()) {
                if (parameter.name().endsWith(".wx")) {
                    String prefix =
                            parameter.name().substring(0, parameter.name().length() - 2);
                    float[] wx = weights.get(parameter.name()).clone();
                    float[] b = weights.get(prefix + "b").clone();
                    for (int row = 0; row < wx.length / FEATURES; row++) {
                        double[] moments = x == null
                                ? new double[] {weights.get(prefix + "mean")[row], weights.get(prefix + "variance")[row]
                                }
                                : moments(wx, row, x);
                        double scale = weights.get(prefix + "gamma")[row] / Math.sqrt(moments[1] + EPSILON);
                        b[row] -= (float) (scale * moments[0]);
                        for (int i = 0; i < FEATURES; i++) {
                            wx[row * FEATURES + i] *= (float) scale;
                        }
                    }
                    parameter.set(wx);
                    store.get(prefix + "b").set(b);
                }
            }
            context.begin(0);
            return layer.forward(context, input(context, given, false)).value().toFloats();
        }
    }

    private static Map<String, float[]> values(ParameterStore store) {
        Map<String, float[]> values = new LinkedHashMap<>();
        store.list().forEach(p -> values.put(p.name(), p.value().toFloats()));
        return values;
    }

    private static void assertClose(String what, float[] actual, float[] expected, double tolerance) {
        assertThat(actual).as(what).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat((double) actual[i]).as("%s [%s]", what, i).isCloseTo(expected[i], within(tolerance));
        }
    }

    @ParameterizedTest
    @MethodSource("kindsOnDevices")
    void normalisesByTheBatchInTrainingAndByRunningStatisticsInInference(String name, Kind kind) {
        RecurrentLayer<?> layer = kind.normed();
        try (Device device = Devices.named(name);
                Scope scope = device.openScope("model");
                Context training = Context.training(device, 1);
                Context inference = Context.inference(device)) {
            ParameterStore store = built(layer, scope, 2);
            float[] x = padded(3);
            float[] other = padded(4);
            Map<String, float[]> before = values(store);
            training.begin(0);
            float[] y =
                    layer.forward(training, input(training, x, false)).value().toFloats();
            assertClose("outputs in training", y, expected(kind, before, x, x), 2e-5);

            Map<String, float[]> after = values(store);
            for (String parameter : before.keySet()) {
                if (parameter.endsWith(".wx")) {
                    String prefix = parameter.substring(0, parameter.length() - 2);
                    for (int row = 0; row < before.get(prefix + "mean").length; row++) {
                        double[] moments = moments(before.get(parameter), row, x);
                        double unbiased = moments[1] * moments[2] / (moments[2] - 1);
                        assertThat((double) after.get(prefix + "mean")[row])
                                .isCloseTo(MOMENTUM * moments[0], within(1e-5));
                        assertThat((double) after.get(prefix + "variance")[row])
                                .isCloseTo(1 - MOMENTUM + MOMENTUM * unbiased, within(1e-5));
                    }
                }
            }
            inference.begin(0);
            y = layer.forward(inference, input(inference, other, false)).value().toFloats();
            assertClose("outputs in inference", y, expected(kind, after, null, other), 2e-5);
            // With changed weights, and as the model predicts but with a tape.
            store.list().stream().filter(p -> !p.isFrozen()).forEach(p -> p.set(negated(p)));
            float[] changed = expected(kind, values(store), null, other);
            inference.begin(1);
            y = layer.forward(inference, input(inference, other, false)).value().toFloats();
            assertClose("outputs of changed weights", y, changed, 2e-5);
            training.begin(1);
            training.setDropout(false);
            y = layer.forward(training, input(training, other, true)).value().toFloats();
            assertClose("outputs without dropout", y, changed, 2e-5);
        }
    }

    private static float[] negated(Parameter parameter) {
        float[] values = parameter.value().toFloats();
        for (int i = 0; i < values.length; i++) {
            values[i] = -values[i];
        }
        return values;
    }

    private static Map<String, float[]> gradients(String name, RecurrentLayer<?> layer) {
        Map<String, float[]> all = new LinkedHashMap<>();
        try (Device device = Devices.named(name);
                Scope scope = device.openScope("model");
                Context context = Context.training(device, 1)) {
            ParameterStore store = built(layer, scope, 5);
            for (int step = 0; step < 2; step++) {
                store.zeroGradients();
                context.begin(step);
                Variable x = input(context, padded(6 + step), true);
                Variable y = layer.forward(context, x);
                Tensor dy = y.contribution();
                dy.write(numbers((int) dy.elements(), 8));
                y.contributed(dy);
                all.put("y" + step, y.value().toFloats());
                context.tape().backward();
                all.put("dx" + step, x.gradient().toFloats());
                for (Parameter parameter : store.list()) {
                    all.put(parameter.name() + step, parameter.value().toFloats());
                    all.put("d" + parameter.name() + step, parameter.gradient().toFloats());
                }
            }
        }
        return all;
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "cuda:0"})
    void stacksGiveTheReferencesGradients(String name) {
        List<Supplier<RecurrentLayer<?>>> stacks = List.of(
                () -> Lstm.of(4)
                        .batchNorm()
                        .layers(3)
                        .bidirectional()
                        .dropout(0.3f)
                        .returnSequences(),
                () -> Gru.of(3).batchNorm().layers(2).weightDropout(0.3f).learnedInitialState(),
                () -> Rnn.of(3).batchNorm().layers(2).zoneout(0.2f).returnSequences());
        for (Supplier<RecurrentLayer<?>> stack : stacks) {
            Map<String, float[]> expected = gradients("reference", stack.get());
            Map<String, float[]> actual = gradients(name, stack.get());
            assertThat(actual.keySet()).isEqualTo(expected.keySet());
            actual.forEach((what, values) -> {
                double largest = 1;
                for (float value : expected.get(what)) {
                    largest = Math.max(largest, Math.abs(value));
                }
                assertClose(what, values, expected.get(what), 2e-5 * largest);
            });
        }
    }

    @Test
    void aPassForStatisticsTakesTheMeanOverBatches() {
        RecurrentLayer<?> layer = Rnn.of(3).batchNorm(MOMENTUM, EPSILON).returnSequences();
        try (Device device = Devices.named("reference");
                Scope scope = device.openScope("model");
                Context context = Context.inference(device)) {
            ParameterStore store = built(layer, scope, 2);
            StatisticsPass pass = new StatisticsPass();
            context.attach(StatisticsPass.class, pass);
            for (int step = 0; step < 2; step++) {
                context.begin(step);
                layer.forward(context, input(context, padded(step), false));
            }
            assertThat(pass.found()).isTrue();
            Map<String, float[]> found = values(store);
            for (int row = 0; row < 3; row++) {
                double mean = 0;
                for (int step = 0; step < 2; step++) {
                    mean += moments(found.get("r.0.forward.wx"), row, padded(step))[0] / 2;
                }
                assertThat((double) found.get("r.0.forward.mean")[row]).isCloseTo(mean, within(1e-5));
            }
        }
    }

    @Test
    void aCellTakesRunningStatisticsAndIsRefusedInTraining() {
        Lstm layer = Lstm.of(3).batchNorm().layers(2).returnSequences();
        try (Device device = Devices.named("cpu");
                Scope scope = device.openScope("model");
                Context training = Context.training(device, 1);
                Context inference = Context.inference(device)) {
            ParameterStore store = built(layer, scope, 2);
            training.begin(0);
            layer.forward(training, input(training, padded(3), false));
            LstmCell cell = layer.cell();
            Tensor x = training.scope().zeros("x", 1, FEATURES);
            assertThatThrownBy(() -> cell.step(training, Variable.constant(x), null))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("layer 'r': expected inference, for batch normalisation takes statistics of whole"
                            + " sequences, got training");

            inference.begin(0);
            float[] numbers = numbers(STEPS * FEATURES, 9);
            Tensor whole = inference.scope().f32("x", STEPS, 1, FEATURES);
            whole.write(numbers);
            float[] y =
                    layer.forward(inference, Variable.constant(whole)).value().toFloats();
            try (CellStream stream = cell.stream(device, 1)) {
                LayerState state = null;
                for (int step = 0; step < STEPS; step++) {
                    float[] one = Arrays.copyOfRange(numbers, step * FEATURES, (step + 1) * FEATURES);
                    float[] streamed = new float[3];
                    stream.step(one, streamed);
                    Tensor given = inference.scope().f32("x", 1, FEATURES);
                    given.write(one);
                    RecurrentCell.Result result = cell.step(inference, Variable.constant(given), state);
                    state = result.state();
                    float[] expected = Arrays.copyOfRange(y, step * 3, step * 3 + 3);
                    assertThat(streamed).isEqualTo(expected);
                    assertThat(result.output().value().toFloats()).isEqualTo(expected);
                }
            }
            assertThat(store.version()).isPositive();
        }
    }

    @Test
    void refusesWhatDoesNotGoTogether() {
        assertThatThrownBy(() -> Lstm.of(3).batchNorm(1.5f, 1f))
                .hasMessage("momentum: expected 0 <= momentum <= 1, got 1.5");
        assertThatThrownBy(() -> Lstm.of(3).batchNorm(0.5f, 0f))
                .hasMessage("epsilon: expected a finite value > 0, got 0.0");
        assertThatThrownBy(() ->
                        Gru.of(3).batchNorm().layerNorm().build(new ParameterStore(), "r", Form.sequences(FEATURES)))
                .hasMessage("layer 'r': batchNorm: expected neither layerNorm nor skipInput beside it, got layerNorm");
        assertThatThrownBy(() -> Rnn.of(FEATURES)
                        .skipInput()
                        .batchNorm()
                        .build(new ParameterStore(), "r", Form.sequences(FEATURES)))
                .hasMessage("layer 'r': batchNorm: expected neither layerNorm nor skipInput beside it, got skipInput");
        Lstm layer = Lstm.of(3).batchNorm();
        try (Device device = Devices.named("reference");
                Scope scope = device.openScope("model")) {
            built(layer, scope, 1);
            assertThatThrownBy(() -> layer.getWeights(WeightLayout.PYTORCH))
                    .hasMessage("layout: PYTORCH has no batch normalisation, which this layer has");
        }
    }
}
