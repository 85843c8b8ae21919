package org.gatefold.layer.recurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.layer.Context;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.simulator.SimulatedDevice;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Cells with normalised input products beside what NumPy 2.4 computed in float64, by {@code ci/interop/numpy_cells.py}. */
class NormedInputGoldenTest {
    private static final int STEPS = 3;
    private static final int ROWS = 2;
    private static final int FEATURES = 2;
    private static final int UNITS = 2;
    private static final int[] LENGTHS = {3, 2};

    @BeforeAll
    static void load() {
        SimulatedDevice.loadIfBuilt();
    }

    private static RecurrentLayer<?> layer(String cell) {
        return switch (cell) {
            case "lstm" -> Lstm.of(UNITS).batchNorm(0.1f, 0.01f).returnSequences();
            case "gru" -> Gru.of(UNITS).batchNorm(0.1f, 0.01f).returnSequences();
            case "before" -> Gru.of(UNITS).resetBefore().batchNorm(0.1f, 0.01f).returnSequences();
            default -> Rnn.of(UNITS).batchNorm(0.1f, 0.01f).returnSequences();
        };
    }

    private static Map<String, double[]> expected(String cell) throws IOException {
        Map<String, double[]> values = new HashMap<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                NormedInputGoldenTest.class.getResourceAsStream("/org/gatefold/layer/normed_input.txt"),
                StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] words = line.split(" ");
                if (words[0].equals(cell)) {
                    values.put(
                            words[1],
                            Arrays.stream(words)
                                    .skip(2)
                                    .mapToDouble(Double::parseDouble)
                                    .toArray());
                }
            }
        }
        assertThat(values).hasSize(6);
        return values;
    }

    private static float[] wave(long count, double height, double phase) {
        float[] values = new float[Math.toIntExact(count)];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (height * Math.sin(1.3 * i + phase));
        }
        return values;
    }

    private static float[] weights(Parameter parameter) {
        long count = parameter.shape().elements();
        String part = parameter.name().substring(parameter.name().lastIndexOf('.') + 1);
        return switch (part) {
            case "wx" -> wave(count, 0.6, 0);
            case "wh" -> wave(count, 0.6, 1);
            case "b" -> wave(count, 0.6, 2);
            default -> {
                float[] gains = wave(count, 0.3, 4);
                for (int i = 0; i < gains.length; i++) {
                    gains[i] += 1;
                }
                yield gains;
            }
        };
    }

    @ParameterizedTest
    @CsvSource({
        "reference,lstm", "reference,gru", "reference,before", "reference,rnn",
        "cpu,lstm", "cpu,gru", "cpu,before", "cpu,rnn",
        "cuda:0,lstm", "cuda:0,gru", "cuda:0,before", "cuda:0,rnn"
    })
    void givesWhatNumPyComputed(String name, String cell) throws IOException {
        Map<String, double[]> expected = expected(cell);
        RecurrentLayer<?> layer = layer(cell);
        try (Device device = Devices.named(name);
                Scope scope = device.openScope("model");
                Context context = Context.training(device, 1)) {
            ParameterStore store = new ParameterStore();
            layer.build(store, "r", Form.sequences(FEATURES));
            store.allocate(scope, 1);
            store.list().stream().filter(p -> !p.isFrozen()).forEach(p -> p.set(weights(p)));
            store.zeroGradients();
            context.begin(0);
            Tensor numbers = context.scope().f32("x", STEPS, ROWS, FEATURES);
            numbers.write(wave(numbers.elements(), 1, 20));
            Variable x = Variable.of(numbers, context.scope().lengths(STEPS, LENGTHS), context.scope());
            Variable y = layer.forward(context, x);
            assertThat(doubles(y.value())).containsExactly(expected.get("y"), within(1e-6));
            Tensor dy = y.contribution();
            dy.write(wave(dy.elements(), 1, 23));
            y.contributed(dy);
            context.tape().backward();
            assertThat(doubles(x.gradient())).as("dx").containsExactly(expected.get("dx"), within(5e-6));
            for (String part : new String[] {"wx", "wh", "b", "gamma"}) {
                assertThat(doubles(store.get("r.0.forward." + part).gradient()))
                        .as("d" + part)
                        .containsExactly(expected.get("d" + part), within(5e-6));
            }
        }
    }

    private static double[] doubles(Tensor tensor) {
        float[] values = tensor.toFloats();
        double[] doubles = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }
}
