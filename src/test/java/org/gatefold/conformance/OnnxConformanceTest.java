package org.gatefold.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.gatefold.conformance.OnnxRecurrent.Function;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.recurrent.Gru;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.layer.recurrent.RecurrentLayer;
import org.gatefold.layer.recurrent.Rnn;
import org.gatefold.layer.recurrent.WeightLayout;
import org.gatefold.layer.recurrent.state.StateValues;
import org.gatefold.model.SequenceInput;
import org.gatefold.model.SequenceOutput;
import org.gatefold.model.Sequential;
import org.gatefold.op.recurrent.CellActivations;
import org.gatefold.op.recurrent.GateActivation;
import org.gatefold.op.recurrent.GateActivation.Kind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The recurrent operators of ONNX with all their attributes, by the public API, against their definition in doubles. */
class OnnxConformanceTest {
    private static final double TOLERANCE = 2e-5;

    static List<OnnxRecurrent> cases() {
        List<OnnxRecurrent> cases = new ArrayList<>();
        for (String operator : List.of("LSTM", "GRU", "RNN")) {
            for (String direction : List.of("forward", "reverse", "bidirectional")) {
                plain(cases, operator, direction);
                functions(cases, operator, direction);
            }
        }
        Random random = new Random(3);
        for (int i = 0; i < 30; i++) {
            cases.add(drawn(random));
        }
        long seed = 11;
        for (OnnxRecurrent one : cases) {
            one.compute(seed++);
        }
        return cases;
    }

    private static void plain(List<OnnxRecurrent> cases, String operator, String direction) {
        cases.add(new OnnxRecurrent(operator, direction, 4, 3, 5, 6));
        OnnxRecurrent full = new OnnxRecurrent(operator, direction, 5, 4, 3, 7);
        full.initial = true;
        full.peepholes = operator.equals("LSTM");
        full.linearBeforeReset = operator.equals("GRU");
        full.sequenceLengths = new int[] {5, 2, 1, 4};
        cases.add(full);
        OnnxRecurrent clipped = new OnnxRecurrent(operator, direction, 3, 2, 4, 17);
        clipped.clip = 0.6;
        clipped.biased = false;
        clipped.inputForget = operator.equals("LSTM");
        clipped.linearBeforeReset = operator.equals("GRU");
        cases.add(clipped);
    }

    /** A function of another kind in every place, with alpha and beta, another one in each direction. */
    private static void functions(List<OnnxRecurrent> cases, String operator, String direction) {
        List<Function> some = List.of(
                new Function("HardSigmoid", 0.3, 0.45),
                new Function("ScaledTanh", 0.9, 0.7),
                Function.of("Softsign"),
                Function.of("HardSigmoid"),
                new Function("LeakyRelu", 0.2, Double.NaN),
                new Function("Elu", 0.7, Double.NaN));
        OnnxRecurrent one = new OnnxRecurrent(operator, direction, 4, 2, 3, 5);
        int places = one.functions.size() / one.directions();
        List<Function> chosen = new ArrayList<>();
        for (int d = 0; d < one.directions(); d++) {
            chosen.addAll(some.subList(3 * d, 3 * d + places));
        }
        one.functions = chosen;
        cases.add(one);
    }

    private static OnnxRecurrent drawn(Random random) {
        List<String> gate = List.of("Sigmoid", "HardSigmoid", "Tanh", "Affine", "Softsign");
        List<String> inner = List.of("Tanh", "Relu", "ScaledTanh", "Elu", "Softplus", "ThresholdedRelu", "Affine");
        OnnxRecurrent one = new OnnxRecurrent(
                List.of("LSTM", "GRU", "RNN").get(random.nextInt(3)),
                List.of("forward", "reverse", "bidirectional").get(random.nextInt(3)),
                1 + random.nextInt(6),
                1 + random.nextInt(5),
                1 + random.nextInt(9),
                1 + random.nextInt(20));
        boolean lstm = one.operator.equals("LSTM");
        one.peepholes = lstm && random.nextBoolean();
        one.inputForget = lstm && random.nextBoolean();
        one.linearBeforeReset = one.operator.equals("GRU") && random.nextBoolean();
        one.clip = random.nextBoolean() ? 0.5 + random.nextInt(3) : 0;
        one.initial = random.nextBoolean();
        one.biased = random.nextInt(4) > 0;
        if (random.nextBoolean()) {
            one.sequenceLengths = random.ints(one.batch, 0, one.steps + 1).toArray();
        }
        if (random.nextBoolean()) {
            List<Function> chosen = new ArrayList<>();
            int places = one.functions.size() / one.directions();
            for (int i = 0; i < one.functions.size(); i++) {
                List<String> from = places > 1 && i % places == 0 ? gate : inner;
                chosen.add(Function.of(from.get(random.nextInt(from.size()))));
            }
            one.functions = chosen;
        }
        return one;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void givesWhatTheOperatorDefines(OnnxRecurrent given) {
        for (String name : List.of("reference", "cpu")) {
            RecurrentLayer<?> layer = layer(given);
            try (Device device = Devices.named(name);
                    Sequential model = Sequential.on(device).add(layer).build(given.features)) {
                List<float[]> weights = new ArrayList<>(List.of(floats(given.w), floats(given.r), floats(given.b)));
                if (given.peepholes) {
                    weights.add(floats(given.p));
                }
                layer.setWeights(WeightLayout.ONNX, weights.toArray(float[][]::new));
                SequenceInput input = SequenceInput.of(given(given));
                if (given.sequenceLengths != null) {
                    input = input.lengths(given.sequenceLengths);
                }
                if (given.initial) {
                    input = input.state(layer.name(), state(given));
                }
                SequenceOutput actual = model.predict(input);
                check(name, given, actual, layer.name());
                assertWritesWhatItRead(layer, weights);
            }
        }
    }

    /** The two biases come back as their sums, but for the one that the reset gate multiplies. */
    private static void assertWritesWhatItRead(RecurrentLayer<?> layer, List<float[]> weights) {
        List<float[]> written = layer.getWeights(WeightLayout.ONNX);
        assertThat(written).hasSameSizeAs(weights);
        for (int i = 0; i < written.size(); i++) {
            if (i != 2) {
                assertThat(written.get(i)).isEqualTo(weights.get(i));
            }
        }
        layer.setWeights(WeightLayout.ONNX, written.toArray(float[][]::new));
        assertThat(layer.getWeights(WeightLayout.ONNX).get(2)).isEqualTo(written.get(2));
    }

    private static RecurrentLayer<?> layer(OnnxRecurrent given) {
        RecurrentLayer<?> layer =
                switch (given.operator) {
                    case "LSTM" -> lstm(given);
                    case "GRU" ->
                        given.linearBeforeReset
                                ? Gru.of(given.size)
                                : Gru.of(given.size).resetBefore();
                    default -> Rnn.of(given.size);
                };
        layer.returnSequences();
        layer.gateClip((float) given.clip);
        switch (given.direction) {
            case "reverse" -> layer.reverse();
            case "bidirectional" -> layer.bidirectional();
            default -> {}
        }
        List<CellActivations> each = new ArrayList<>();
        int places = given.functions.size() / given.directions();
        for (int d = 0; d < given.directions(); d++) {
            List<GateActivation> of = given.functions.subList(d * places, (d + 1) * places).stream()
                    .map(OnnxConformanceTest::activation)
                    .toList();
            each.add(
                    switch (places) {
                        case 3 -> new CellActivations(of.get(0), of.get(1), of.get(2));
                        case 2 -> new CellActivations(of.get(0), of.get(1), GateActivation.TANH);
                        default -> new CellActivations(GateActivation.SIGMOID, of.get(0), GateActivation.TANH);
                    });
        }
        layer.activations(each.toArray(CellActivations[]::new));
        return layer;
    }

    private static Lstm lstm(OnnxRecurrent given) {
        Lstm lstm = Lstm.of(given.size);
        if (given.peepholes) {
            lstm.peepholes();
        }
        return given.inputForget ? lstm.coupledGates() : lstm;
    }

    private static GateActivation activation(Function function) {
        float a = (float) function.a();
        float b = (float) function.b();
        return switch (function.name()) {
            case "Relu" -> GateActivation.RELU;
            case "Tanh" -> GateActivation.TANH;
            case "Sigmoid" -> GateActivation.SIGMOID;
            case "Softsign" -> GateActivation.SOFTSIGN;
            case "Softplus" -> GateActivation.SOFTPLUS;
            case "Affine" -> new GateActivation(Kind.AFFINE, a, b);
            case "ScaledTanh" -> new GateActivation(Kind.SCALED_TANH, a, b);
            case "HardSigmoid" -> new GateActivation(Kind.HARD_SIGMOID, a, b);
            case "LeakyRelu" -> new GateActivation(Kind.LEAKY_RELU, a, 0);
            case "ThresholdedRelu" -> new GateActivation(Kind.THRESHOLDED_RELU, a, 0);
            case "Elu" -> new GateActivation(Kind.ELU, a, 0);
            default -> throw new IllegalArgumentException(function.name());
        };
    }

    private static float[][][] given(OnnxRecurrent given) {
        float[][][] rows = new float[given.batch][given.steps][given.features];
        for (int i = 0; i < given.x.length; i++) {
            int step = i / given.features;
            rows[step % given.batch][step / given.batch][i % given.features] = (float) given.x[i];
        }
        return rows;
    }

    private static StateValues state(OnnxRecurrent given) {
        float[][][] h = states(given, given.initialH);
        return given.operator.equals("LSTM") ? StateValues.of(h, states(given, given.initialC)) : StateValues.of(h);
    }

    private static float[][][] states(OnnxRecurrent given, double[] values) {
        float[][][] states = new float[given.directions()][given.batch][given.size];
        for (int i = 0; i < values.length; i++) {
            states[i / given.size / given.batch][i / given.size % given.batch][i % given.size] = (float) values[i];
        }
        return states;
    }

    private static void check(String device, OnnxRecurrent given, SequenceOutput actual, String layer) {
        float[][][] y = actual.output().sequences();
        for (int row = 0; row < given.batch; row++) {
            int length = given.sequenceLengths == null ? given.steps : given.sequenceLengths[row];
            assertThat(y[row].length).isEqualTo(length);
            for (int t = 0; t < length; t++) {
                for (int j = 0; j < given.directions() * given.size; j++) {
                    int at = ((t * given.directions() + j / given.size) * given.batch + row) * given.size
                            + j % given.size;
                    near(device + ": y of " + given, y[row][t][j], given.y[at]);
                }
            }
        }
        StateValues last = actual.states().get(layer);
        near(device + ": Y_h of " + given, last.h(), states(given, given.lastH));
        if (given.operator.equals("LSTM")) {
            near(device + ": Y_c of " + given, last.c(), states(given, given.lastC));
        }
    }

    private static void near(String what, float[][][] actual, float[][][] expected) {
        for (int i = 0; i < expected.length; i++) {
            for (int j = 0; j < expected[i].length; j++) {
                for (int k = 0; k < expected[i][j].length; k++) {
                    near(what, actual[i][j][k], expected[i][j][k]);
                }
            }
        }
    }

    private static void near(String what, float actual, double expected) {
        assertThat((double) actual).as(what).isCloseTo(expected, within(TOLERANCE * Math.max(1, Math.abs(expected))));
    }

    private static float[] floats(double[] values) {
        float[] result = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i] = (float) values[i];
        }
        return result;
    }
}
