package org.gatefold.exchange.pytorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.gatefold.data.Column;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.exchange.DamagedArchive;
import org.gatefold.exchange.ForeignFiles;
import org.gatefold.exchange.ModelFormats;
import org.gatefold.exchange.StoredTensor;
import org.gatefold.exchange.TensorFile;
import org.gatefold.file.FileException;
import org.gatefold.file.NumpyArray;
import org.gatefold.layer.Layer;
import org.gatefold.layer.basic.ActivationLayer;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.convolution.Conv1d;
import org.gatefold.layer.convolution.Conv2d;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.form.Flatten;
import org.gatefold.layer.norm.BatchNorm;
import org.gatefold.layer.norm.LayerNorm;
import org.gatefold.layer.recurrent.Bidirectional;
import org.gatefold.layer.recurrent.Gru;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.layer.recurrent.Rnn;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.op.recurrent.GateActivation;
import org.gatefold.tensor.Form;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** State dicts and outputs of PyTorch 1.13, by {@code ci/interop/torch_files.py}. */
class StateDictTest {
    private static final float TOLERANCE = 2e-6f;
    private static final ForeignFiles FILES = new ForeignFiles(StateDictTest.class);

    @TempDir
    private Path folder;

    static Layer[] layers(String name) {
        return switch (name) {
            case "lstm" -> new Layer[] {Lstm.of(3).layers(2).bidirectional().returnSequences(), Linear.of(2)};
            case "gru" -> new Layer[] {Gru.of(3).layers(2).returnSequences(), Linear.of(2)};
            case "rnn" -> new Layer[] {Rnn.of(3).returnSequences(), Linear.of(2)};
            case "relu" -> new Layer[] {Rnn.of(3).relu().bidirectional().returnSequences(), Linear.of(2)};
            case "projected" -> new Layer[] {Lstm.of(5).projection(2).layers(2).returnSequences(), Linear.of(2)};
            case "unbiased" -> new Layer[] {Gru.of(3).withoutBias().returnSequences(), Linear.of(2)};
            case "cell" -> new Layer[] {Lstm.of(3).returnSequences()};
            default -> throw new IllegalArgumentException(name);
        };
    }

    static Stream<String> recurrent() {
        return Stream.of("lstm", "gru", "rnn", "relu", "projected", "unbiased", "cell");
    }

    private static Column x() throws IOException {
        return Column.sequences("x", ForeignFiles.sequences(FILES.array("arrays.npz", "x")));
    }

    @ParameterizedTest
    @MethodSource("recurrent")
    void recurrentModulesComputeAsThere(String name) throws IOException {
        try (Device device = Devices.cpu();
                Model model = ForeignFiles.network(Form.sequences(4), layers(name))
                        .on(device)
                        .build()) {
            StateDict.load(model, FILES.file(name + ".pt"), Map.of());

            ForeignFiles.assertOutputs(model, x(), FILES.array("arrays.npz", name), TOLERANCE);
        }
    }

    @ParameterizedTest
    @MethodSource("recurrent")
    void whatIsWrittenComputesTheSame(String name) throws IOException {
        for (String ending : List.of(".pt", ".safetensors")) {
            Path file = folder.resolve(name + ending);
            Network network = ForeignFiles.network(Form.sequences(4), layers(name));
            try (Device device = Devices.cpu();
                    Model model = network.on(device).build();
                    Model again = network.on(device).build()) {
                StateDict.load(model, FILES.file(name + ".pt"), Map.of());
                ModelFormats.named("pytorch").save(model, file, Map.of());
                StateDict.load(again, file, Map.of());

                ForeignFiles.assertOutputs(again, x(), FILES.array("arrays.npz", name), TOLERANCE);
            }
        }
    }

    /** A GRU keeps both biases of its candidate; all others are sums, beside zeros. */
    @Test
    void theSecondBiasIsZerosOnTheWayOut() throws IOException {
        Path file = folder.resolve("lstm.pt");
        try (Device device = Devices.cpu();
                Model model = ForeignFiles.network(Form.sequences(4), layers("lstm"))
                        .on(device)
                        .build()) {
            StateDict.load(model, FILES.file("lstm.pt"), Map.of());
            ModelFormats.named("pytorch").save(model, file, Map.of());
        }
        try (TensorFile before = StateDict.open(FILES.file("lstm.pt"));
                TensorFile after = StateDict.open(file)) {
            Map<String, StoredTensor> theirs = byName(before);
            Map<String, StoredTensor> ours = byName(after);
            assertThat(ours).hasSameSizeAs(theirs);
            float[] ofInput = theirs.get("lstm.bias_ih_l1_reverse").values().get();
            float[] ofState = theirs.get("lstm.bias_hh_l1_reverse").values().get();
            float[] sum = ours.get("lstm.bias_ih_l1_reverse").values().get();
            for (int i = 0; i < sum.length; i++) {
                assertThat(sum[i]).isEqualTo(ofInput[i] + ofState[i]);
            }
            assertThat(ours.get("lstm.bias_hh_l1_reverse").values().get()).containsOnly(0f);
            assertThat(ours.get("lstm.weight_hh_l1").values().get())
                    .containsExactly(theirs.get("lstm.weight_hh_l1").values().get());
        }
    }

    private static Map<String, StoredTensor> byName(TensorFile file) {
        return file.tensors().stream().collect(Collectors.toMap(StoredTensor::name, tensor -> tensor));
    }

    @Test
    void otherModulesComputeAsThere() throws IOException {
        NumpyArray ids = FILES.array("arrays.npz", "ids");
        int[][] tokens = new int[3][5];
        for (int i = 0; i < 15; i++) {
            tokens[i / 5][i % 5] = ids.ints()[i];
        }
        Network network = ForeignFiles.network(
                Form.tokens(),
                Embedding.of(11, 4),
                Conv1d.of(6, 3).padding(1, 1),
                BatchNorm.create(),
                ActivationLayer.relu(),
                LayerNorm.create(),
                Linear.of(2));
        try (Device device = Devices.cpu();
                Model model = network.on(device).build()) {
            StateDict.load(model, FILES.file("text.pt"), Map.of());

            ForeignFiles.assertOutputs(model, Column.tokens("x", tokens), FILES.array("arrays.npz", "text"), 5e-6f);
        }
    }

    @Test
    void imagesComputeAsThere() throws IOException {
        float[] image = FILES.array("arrays.npz", "image").floats();
        float[][] rows = {Arrays.copyOf(image, 60), Arrays.copyOfRange(image, 60, 120)};
        Network network = ForeignFiles.network(
                Form.rows(2, 6, 5),
                Conv2d.of(4, 3, 3).stride(2, 2),
                BatchNorm.create(),
                ActivationLayer.relu(),
                Flatten.create(),
                Linear.of(3));
        try (Device device = Devices.cpu();
                Model model = network.on(device).build()) {
            StateDict.load(model, FILES.file("image_net.pt"), Map.of());

            ForeignFiles.assertOutputs(
                    model, Column.rows("x", rows, 2, 6, 5), FILES.array("arrays.npz", "image_net"), 5e-6f);
        }
    }

    /** All of one model: a script, a checkpoint with an optimiser, narrower and wider numbers, safetensors, shards. */
    @ParameterizedTest
    @CsvSource({
        "script.pt, 2e-6",
        "checkpoint.pt, 2e-6",
        "double.pt, 2e-6",
        "half.pt, 1e-3",
        "bfloat.pt, 8e-3",
        "F64.safetensors, 2e-6",
        "F16.safetensors, 1e-3",
        "BF16.safetensors, 8e-3",
        "model.safetensors.index.json, 2e-6"
    })
    void everyKindOfFileIsRead(String name, float tolerance) throws IOException {
        Path file = FILES.file(name);
        assertThat(ModelFormats.of(file).name()).isEqualTo("pytorch");
        Network network = ForeignFiles.network(Form.sequences(4), Gru.of(3).returnSequences(), Linear.of(2));
        try (Device device = Devices.cpu();
                Model model = network.on(device).build()) {
            ModelFormats.of(file).loadWeights(model, file);

            ForeignFiles.assertOutputs(model, x(), FILES.array("arrays.npz", "script"), tolerance);
        }
    }

    @Test
    void viewsOfStoragesAreRead() throws IOException {
        try (TensorFile file = StateDict.open(FILES.file("views.pt"))) {
            Map<String, StoredTensor> tensors = byName(file);
            assertThat(tensors.get("fc.weight").values().get()).containsExactly(1, 5, 9, 2, 6, 10);
            assertThat(tensors.get("fc.bias").values().get()).containsExactly(0, 5);
        }
    }

    @Test
    void everyTypeOfSafetensorsIsRead() throws IOException {
        try (TensorFile file = StateDict.open(FILES.file("types.safetensors"))) {
            for (StoredTensor tensor : file.tensors()) {
                float[] expected =
                        switch (tensor.name()) {
                            case "F8_E4M3" -> new float[] {1, -3, 448, 0x1p-9f, 0};
                            case "F8_E5M2" -> new float[] {1, -3, 57344, 0x1p-16f};
                            case "BOOL" -> new float[] {0, 1, 1};
                            default -> new float[] {0, 1, 100};
                        };
                assertThat(tensor.values().get()).as(tensor.name()).containsExactly(expected);
            }
        }
    }

    @Test
    void twoLayersTakeTheLevelsOfOneModule() throws IOException {
        try (Device device = Devices.cpu();
                Model model = ForeignFiles.network(
                                Form.sequences(4),
                                Gru.of(3).returnSequences(),
                                Gru.of(3).returnSequences(),
                                Linear.of(2))
                        .on(device)
                        .build()) {
            StateDict.load(model, FILES.file("gru.pt"), Map.of());

            ForeignFiles.assertOutputs(model, x(), FILES.array("arrays.npz", "gru"), TOLERANCE);
        }
    }

    @Test
    void aWrappedLayerIsFound() throws IOException {
        try (Device device = Devices.cpu();
                Model model = ForeignFiles.network(
                                Form.sequences(4),
                                Bidirectional.of(Rnn.of(3).relu().returnSequences()),
                                Linear.of(2))
                        .on(device)
                        .build()) {
            StateDict.load(model, FILES.file("relu.pt"), Map.of("bidirectional", "relu"));

            ForeignFiles.assertOutputs(model, x(), FILES.array("arrays.npz", "relu"), TOLERANCE);
        }
    }

    @Test
    void whatDoesNotFitIsNamedAndNothingIsWritten() {
        try (Device device = Devices.cpu();
                Model model = ForeignFiles.network(
                                Form.sequences(4), Lstm.of(3).returnSequences().named("reader"), Linear.of(2))
                        .on(device)
                        .seed(1)
                        .build()) {
            float[] before = model.parameters().values().toFloats();

            assertThatThrownBy(() -> StateDict.load(model, FILES.file("gru.pt"), Map.of()))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("gru.pt: nothing fits layer 'reader' (Lstm) with {weight_ih_l0=[12, 4]")
                    .hasMessageContaining("'gru' [gru.weight_ih_l0 F32 [9, 4]");
            assertThatThrownBy(() -> StateDict.load(model, FILES.file("cell.pt"), Map.of()))
                    .hasMessageContaining("nothing fits layer 'linear'");
            assertThatThrownBy(() -> StateDict.load(model, FILES.file("gru.pt"), Map.of("reader", "fc")))
                    .hasMessageContaining("'fc' [fc.weight F32 [2, 3], fc.bias F32 [2]] does not fit layer 'reader'");
            assertThatThrownBy(() -> StateDict.load(model, FILES.file("gru.pt"), Map.of("none", "fc")))
                    .hasMessageContaining("map: expected layers with weights, [reader, linear], got 'none'");
            assertThat(model.parameters().values().toFloats()).containsExactly(before);
        }
    }

    @Test
    void tensorsThatNoLayerTakesAreNamed() {
        try (Device device = Devices.cpu();
                Model model = ForeignFiles.network(Form.sequences(4), Rnn.of(3).returnSequences())
                        .on(device)
                        .build()) {
            assertThatThrownBy(() -> StateDict.load(model, FILES.file("rnn.pt"), Map.of()))
                    .hasMessageContaining("holds tensors that no layer takes: ['fc' [fc.weight F32 [2, 3]");
        }
    }

    @Test
    void whatPyTorchHasNotIsNotWritten() {
        for (Lstm lstm : List.of(
                Lstm.of(3).peepholes(),
                Lstm.of(3).recurrentActivation(GateActivation.HARD_SIGMOID),
                Lstm.of(3).reverse(),
                Lstm.of(3).cellClip(1f),
                Lstm.of(3).batchNorm(),
                Lstm.of(3).learnedInitialState())) {
            Path file = folder.resolve("refused.pt");
            try (Device device = Devices.cpu();
                    Model model = ForeignFiles.network(Form.sequences(4), lstm)
                            .on(device)
                            .build()) {
                assertThatThrownBy(() -> ModelFormats.named("pytorch").save(model, file, Map.of()))
                        .isInstanceOf(CheckpointException.class)
                        .hasMessageStartingWith("layer 'lstm': ");
            }
            assertThat(file).doesNotExist();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "system.pt|asks for 'posix.system'",
                "system4.pt|asks for 'posix.system'",
                "eval.pt|asks for '__builtin__.eval'",
                "nested.pt|asks for '__builtin__.exec'",
                "whole.pt|asks for 'torch.nn.modules.linear.Linear'",
                "legacy.pt|is in the format that PyTorch had before version 1.6",
            })
    void whatIsMoreThanTensorsIsRefusedByName(String name, String complaint) {
        Path file = FILES.file(name);
        assertThatThrownBy(() -> ModelFormats.of(file).describe(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(name + ": ")
                .hasMessageContaining(complaint);
    }

    @ParameterizedTest
    @ValueSource(strings = {"script.pt", "checkpoint.pt", "lstm.pt", "half.pt"})
    void damagedFilesAreRefused(String name) throws IOException {
        List<String> complaints = new ArrayList<>();
        DamagedArchive.each(FILES.file(name), "data.pkl", folder.resolve(name), 1_500, file -> {
            try (TensorFile tensors = StateDict.open(file)) {
                tensors.describe();
                for (StoredTensor tensor : tensors.tensors()) {
                    if (tensor.shape().stream().reduce(1L, (a, b) -> a * b) < 1_000_000) {
                        tensor.values().get();
                    }
                }
            } catch (FileException e) {
                complaints.add(e.getMessage());
            }
        });
        assertThat(complaints)
                .isNotEmpty()
                .allSatisfy(text -> assertThat(text).contains(name).doesNotContain("\n"));
    }

    @Test
    void aShardIsNoPathOfItsOwn() throws IOException {
        Path index = Files.writeString(
                folder.resolve("x.safetensors.index.json"), "{\"weight_map\": {\"a\": \"../../etc/passwd\"}}");

        assertThatThrownBy(() -> StateDict.open(index).close())
                .hasMessageContaining("expected the name of a file beside it, got '../../etc/passwd'");
    }

    /** People's own files, whose outputs PyTorch gave. */
    @ParameterizedTest
    @CsvSource({"image_rnn.pth, image", "stock_lstm.pth, stock"})
    void filesOfOthersComputeAsThere(String name, String what) throws IOException {
        String data = System.getProperty("gatefold.data");
        assumeThat(data).as("gatefold.data").isNotNull();
        Network network = what.equals("image")
                ? ForeignFiles.network(Form.sequences(28), Rnn.of(256).layers(2), Linear.of(10))
                : ForeignFiles.network(
                        Form.sequences(14),
                        Lstm.of(128).layers(3),
                        Linear.of(64),
                        ActivationLayer.relu(),
                        Linear.of(1));
        Path file = Path.of(data, "models", name);
        try (Device device = Devices.cpu();
                Model model = network.on(device).build()) {
            ModelFormats.of(file).loadWeights(model, file);

            ForeignFiles.assertOutputs(
                    model,
                    Column.sequences("x", ForeignFiles.sequences(FILES.array("models.npz", what + "_x"))),
                    FILES.array("models.npz", name.replace(".pth", "")),
                    1e-5f);
        }
    }
}
