package org.gatefold.exchange.pytorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.ForeignFiles;
import org.gatefold.file.NumpyArray;
import org.gatefold.layer.Context;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.recurrent.RecurrentLayer;
import org.gatefold.layer.recurrent.WeightLayout;
import org.gatefold.model.Model;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What was trained in PyTorch trains on here: gradients are those of PyTorch 1.13, by {@code ci/interop/torch_gradients.py}. */
class TorchGradientsTest {
    private static final ForeignFiles FILES = new ForeignFiles(TorchGradientsTest.class);
    private static final float TOLERANCE = 1e-5f;

    /** Batch-first numbers {@code [B, T, F]} as time-major ones, or back. */
    private static float[] swapped(float[] values, int first, int second) {
        int size = values.length / first / second;
        float[] result = new float[values.length];
        for (int i = 0; i < first * second; i++) {
            System.arraycopy(values, i * size, result, (i % second * first + i / second) * size, size);
        }
        return result;
    }

    private static void assertNear(String what, float[] actual, float[] expected) {
        assertThat(actual).as(what).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).as("%s[%d]", what, i).isCloseTo(expected[i], within(TOLERANCE));
        }
    }

    @ParameterizedTest
    @CsvSource({"lstm, 2, 4", "gru, 2, 4", "rnn, 1, 4", "relu, 1, 4", "projected, 2, 5", "unbiased, 1, 2"})
    void gradientsAreThoseOfTorch(String name, int layers, int each) throws IOException {
        Map<String, NumpyArray> expected = NumpyArray.readAll(FILES.file("gradients.npz"));
        NumpyArray x = FILES.array("arrays.npz", "x");
        try (Device device = Devices.cpu();
                Model model = ForeignFiles.network(Form.sequences(4), StateDictTest.layers(name))
                        .on(device)
                        .build();
                Context context = Context.training(device, 1)) {
            StateDict.load(model, FILES.file(name + ".pt"), Map.of());
            context.begin(0);
            model.parameters().zeroGradients();
            Tensor given = context.scope().f32("x", 5, 3, 4);
            given.write(swapped(x.floats(), 3, 5));
            Variable input = Variable.of(given, null, context.scope());
            Variable y = model.forward(context, input);
            y.gradient().write(swapped(expected.get("dy").floats(), 3, 5));
            context.tape().backward();

            assertNear(
                    "x",
                    swapped(input.gradient().toFloats(), 5, 3),
                    expected.get(name + "/x").floats());
            assertNear(
                    "fc.weight",
                    model.parameters().get("linear.w").gradient().toFloats(),
                    expected.get(name + "/fc.weight").floats());
            assertNear(
                    "fc.bias",
                    model.parameters().get("linear.b").gradient().toFloats(),
                    expected.get(name + "/fc.bias").floats());
            // Gradients in the places of weights have the order of PyTorch's.
            for (Parameter parameter : model.parameters().list()) {
                parameter.set(parameter.gradient().toFloats());
            }
            RecurrentLayer<?> layer = (RecurrentLayer<?>) model.layers().get(0);
            List<float[]> arrays = layer.getWeights(WeightLayout.PYTORCH);
            List<String> names = names(name, layers, each, arrays.size() / layers / each);
            for (int i = 0; i < names.size(); i++) {
                float[] wanted =
                        expected.get(name + "/" + name + "." + names.get(i)).floats();
                if (names.get(i).startsWith("bias_hh")) {
                    // There are no two biases to be added here, but for a GRU's candidate.
                    int from = name.equals("gru") ? wanted.length / 3 * 2 : wanted.length;
                    assertNear(
                            names.get(i),
                            Arrays.copyOfRange(arrays.get(i), from, wanted.length),
                            Arrays.copyOfRange(wanted, from, wanted.length));
                } else {
                    assertNear(names.get(i), arrays.get(i), wanted);
                }
            }
        }
    }

    /** The parameters of a module, layer by layer, each direction by itself. */
    private static List<String> names(String module, int layers, int each, int directions) {
        List<String> parts = List.of("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr");
        List<String> names = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            for (int d = 0; d < directions; d++) {
                for (String part : parts.subList(0, each)) {
                    names.add(part + "_l" + layer + (d == 1 ? "_reverse" : ""));
                }
            }
        }
        assertThat(names).as(module).isNotEmpty();
        return names;
    }
}
