package org.gatefold.exchange.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.gatefold.data.Column;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.exchange.ForeignFiles;
import org.gatefold.exchange.ModelFormats;
import org.gatefold.file.NumpyArray;
import org.gatefold.layer.Layer;
import org.gatefold.layer.attention.DotAttention;
import org.gatefold.layer.basic.ActivationLayer;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.basic.Masking;
import org.gatefold.layer.convolution.Conv1d;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.norm.GroupNorm;
import org.gatefold.layer.pooling.AvgPool1d;
import org.gatefold.layer.pooling.TimePooling;
import org.gatefold.layer.recurrent.Bidirectional;
import org.gatefold.layer.recurrent.Gru;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.layer.recurrent.Rnn;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.model.Prediction;
import org.gatefold.op.elementwise.Activation;
import org.gatefold.op.recurrent.GateActivation;
import org.gatefold.tensor.ElementType;
import org.gatefold.tensor.Form;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Models written to Keras' files and read again and with outputs of Keras 3.15.1. */
class KerasExportTest {
    private static final int ROWS = 3;
    private static final int STEPS = 6;
    private static final float TOLERANCE = 2e-6f;
    private static final ForeignFiles FILES = new ForeignFiles(KerasExportTest.class);

    @TempDir
    private Path folder;

    static Stream<String> networks() {
        return WrittenNetworks.all().keySet().stream();
    }

    private static Column column(String name, Form form, Random random) {
        if (form.type() == ElementType.I32) {
            if (!form.sequence()) {
                return Column.labels(name, random.ints(ROWS, 0, 5).toArray());
            }
            int[][] tokens = new int[ROWS][];
            for (int row = 0; row < ROWS; row++) {
                tokens[row] = random.ints(STEPS, 0, 7).toArray();
            }
            return Column.tokens(name, tokens);
        }
        int size = Math.toIntExact(form.size());
        int[] dimensions =
                form.dimensions().stream().mapToInt(Integer::intValue).toArray();
        float[][][] rows = new float[ROWS][form.sequence() ? STEPS : 1][size];
        for (float[][] row : rows) {
            for (float[] step : row) {
                for (int i = 0; i < size; i++) {
                    step[i] = (float) random.nextGaussian();
                }
            }
        }
        if (form.sequence()) {
            Arrays.fill(rows[1][2], -2f);
            return dimensions.length == 1 ? Column.sequences(name, rows) : Column.sequences(name, rows, dimensions);
        }
        float[][] flat = new float[ROWS][];
        for (int row = 0; row < ROWS; row++) {
            flat[row] = rows[row][0];
        }
        return Column.rows(name, flat, dimensions);
    }

    private static Map<String, Prediction> outputs(Model model) {
        Random random = new Random(3);
        return model.predict(model.inputs().entrySet().stream()
                .map(entry -> column(entry.getKey(), entry.getValue(), random))
                .toArray(Column[]::new));
    }

    private static float[][][] values(Prediction prediction) {
        return prediction.form().sequence() ? prediction.sequences() : new float[][][] {prediction.rows()};
    }

    @ParameterizedTest
    @MethodSource("networks")
    void whatWasWrittenIsTheSameToTheBit(String name) throws IOException {
        Network network = WrittenNetworks.all().get(name).get();
        Path file = folder.resolve(name + ".keras");
        Map<String, float[][][]> expected = new LinkedHashMap<>();
        try (Device device = Devices.cpu();
                Model model = network.on(device).seed(7).build()) {
            ModelFormats.byEnding(file).save(model, file, Map.of());
            outputs(model).forEach((output, prediction) -> expected.put(output, values(prediction)));
        }
        if (System.getProperty("gatefold.written") != null) {
            Files.copy(file, Path.of(System.getProperty("gatefold.written"), name + ".keras"));
        }
        try (Device device = Devices.cpu();
                Model model = ModelFormats.of(file).load(device, file)) {
            Map<String, Prediction> again = outputs(model);
            assertThat(again).containsOnlyKeys(expected.keySet());
            again.forEach((output, prediction) ->
                    assertThat(values(prediction)).as(output).isDeepEqualTo(expected.get(output)));
        }
    }

    private static Column column(String name, Form form, NumpyArray array) {
        int[] shape = array.shape();
        int size = Math.toIntExact(form.size());
        int[] dimensions =
                form.dimensions().stream().mapToInt(Integer::intValue).toArray();
        if (form.type() == ElementType.I32) {
            int[] ids = array.ints();
            if (!form.sequence()) {
                return Column.labels(name, ids);
            }
            int[][] tokens = new int[shape[0]][];
            for (int row = 0; row < tokens.length; row++) {
                tokens[row] = Arrays.copyOfRange(ids, row * shape[1], (row + 1) * shape[1]);
            }
            return Column.tokens(name, tokens);
        }
        float[] values = array.floats();
        int steps = form.sequence() ? shape[1] : 1;
        float[][][] rows = new float[shape[0]][steps][];
        for (int i = 0; i < shape[0] * steps; i++) {
            rows[i / steps][i % steps] = Arrays.copyOfRange(values, i * size, (i + 1) * size);
        }
        return form.sequence()
                ? Column.sequences(name, rows, dimensions)
                : Column.rows(name, Stream.of(rows).map(row -> row[0]).toArray(float[][]::new), dimensions);
    }

    /** Keras opened what was written of the same networks, by {@code ci/interop/keras_check.py}. */
    @ParameterizedTest
    @MethodSource("networks")
    void kerasComputesTheSame(String name) throws IOException {
        Map<String, NumpyArray> arrays = NumpyArray.readAll(FILES.file("written.npz"));
        try (Device device = Devices.cpu();
                Model model =
                        WrittenNetworks.all().get(name).get().on(device).seed(7).build()) {
            Map<String, Prediction> outputs = model.predict(model.inputs().entrySet().stream()
                    .map(entry -> column(entry.getKey(), entry.getValue(), arrays.get(name + "/x/" + entry.getKey())))
                    .toArray(Column[]::new));
            for (Map.Entry<String, Prediction> output : outputs.entrySet()) {
                String key = arrays.keySet().stream()
                        .filter(one -> one.startsWith(name + "/y/")
                                && (outputs.size() == 1 || one.endsWith("/" + output.getKey())))
                        .findFirst()
                        .orElseThrow();
                ForeignFiles.assertValues(output.getValue(), arrays.get(key), TOLERANCE);
            }
        }
    }

    static Stream<Arguments> unknown() {
        return Stream.of(
                Arguments.of(Lstm.of(2).peepholes(), "layer 'lstm' (Lstm): has peepholes"),
                Arguments.of(Lstm.of(2).projection(1), "has projections"),
                Arguments.of(Lstm.of(2).layerNorm(), "has normalised cells"),
                Arguments.of(Lstm.of(2).batchNorm(), "has normalised input products"),
                Arguments.of(Lstm.of(2).cellClip(1f), "has clipped cells"),
                Arguments.of(Lstm.of(2).zoneout(0.1f, 0.1f), "has zoneout"),
                Arguments.of(Lstm.of(2).stateful(), "is stateful"),
                Arguments.of(Gru.of(2).learnedInitialState(), "has learned initial states"),
                Arguments.of(Gru.of(2).reverse().returnSequences(), "use goBackwards()"),
                Arguments.of(
                        Gru.of(2).recurrentActivation(GateActivation.HARD_SIGMOID),
                        "Keras 3 has no activation HARD_SIGMOID(0.2,0.5) by name"),
                Arguments.of(
                        Bidirectional.of(Rnn.of(2), Rnn.of(2)),
                        "layer 'bidirectional' (Bidirectional): reads both ways by layers other than one that reads"),
                Arguments.of(TimePooling.last(), "Keras has no layer that takes the last step"),
                Arguments.of(DotAttention.create().scaled(), "divides scores by a number of its own"),
                Arguments.of(AvgPool1d.of(3).same().stride(1), "counts padding otherwise than Keras does"),
                Arguments.of(
                        ActivationLayer.of(Activation.HARD_SIGMOID),
                        "layer 'activation' (Activation): Keras 3 has no Activation[kind=HARD_SIGMOID, alpha=0.2, beta=0.5]"),
                Arguments.of(
                        ActivationLayer.clip(-2f, 1f), "Keras has no bounds such as those of Activation[kind=CLIP"),
                Arguments.of(ActivationLayer.geluTanh(), "Keras has GELU by a hyperbolic tangent as a function"),
                Arguments.of(GroupNorm.of(2), "Keras has no layer such as GroupNorm"),
                Arguments.of(Linear.of(2).named("a/b"), "Keras has no names with a slash"));
    }

    @ParameterizedTest
    @MethodSource("unknown")
    void whatKerasHasNotIsRefused(Layer layer, String complaint) throws IOException {
        assertRefused(ForeignFiles.network(Form.sequences(2), layer), complaint);
    }

    private void assertRefused(Network network, String complaint) throws IOException {
        Path file = folder.resolve("refused.keras");
        Files.writeString(file, "before");
        try (Device device = Devices.cpu();
                Model model = network.on(device).build()) {
            assertThatThrownBy(() -> ModelFormats.byEnding(file).save(model, file, Map.of()))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("refused.keras: ")
                    .hasMessageContaining(complaint);
        }
        assertThat(file).hasContent("before");
        assertThat(folder).isDirectoryContaining("glob:**refused.keras").isDirectoryNotContaining("glob:**.part");
    }

    @Test
    void masksThatKerasDoesNotKeepAreRefused() throws IOException {
        assertRefused(
                ForeignFiles.network(Form.sequences(2), Masking.zeros(), Conv1d.of(2, 2)),
                "layer 'conv1d' (Conv1d): is Conv1D in Keras, which reads all steps whatever a mask says");
        assertRefused(
                ForeignFiles.network(Form.tokens(), Masking.tokens(3), Embedding.of(4, 2)),
                "masks token 3; Keras masks token 0 alone");
    }
}
