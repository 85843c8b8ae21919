package org.gatefold.exchange.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.gatefold.data.Column;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.exchange.DamagedArchive;
import org.gatefold.exchange.ForeignFiles;
import org.gatefold.exchange.ModelFile;
import org.gatefold.exchange.ModelFormats;
import org.gatefold.file.Archive;
import org.gatefold.file.FileException;
import org.gatefold.file.NumpyArray;
import org.gatefold.layer.attention.AttentionPooling;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.basic.Softmax;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.recurrent.Bidirectional;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.layer.recurrent.Rnn;
import org.gatefold.model.Graph;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.model.Prediction;
import org.gatefold.tensor.Form;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files that h5py wrote and outputs in float64, by {@code ci/interop/keras_files.py}; {@code flat_*} and their outputs are of Keras itself, by
 * {@code keras_rows.py}.
 */
class KerasFormatTest {
    private static final float TOLERANCE = 2e-6f;
    private static final ForeignFiles FILES = new ForeignFiles(KerasFormatTest.class);

    @TempDir
    private Path folder;

    private static NumpyArray array(String name) throws IOException {
        return FILES.array(
                name.startsWith("flat_")
                        ? "rows.npz"
                        : name.contains("practice") || name.contains("stock") || name.contains("textgen")
                                ? "models.npz"
                                : "arrays.npz",
                name);
    }

    private static Column column(String name) throws IOException {
        NumpyArray array = array(name);
        int[] shape = array.shape();
        if (shape.length == 2 && array.type().isInteger()) {
            int[][] tokens = new int[shape[0]][shape[1]];
            int[] ids = array.ints();
            for (int i = 0; i < ids.length; i++) {
                tokens[i / shape[1]][i % shape[1]] = ids[i];
            }
            return Column.tokens("x", tokens);
        }
        if (shape.length == 5 || name.contains("windows")) {
            float[] values = array.floats();
            float[][][] films = new float[shape[0]][shape[1]][values.length / shape[0] / shape[1]];
            for (int i = 0; i < values.length; i++) {
                int size = films[0][0].length;
                films[i / size / shape[1]][i / size % shape[1]][i % size] = values[i];
            }
            return Column.sequences("x", films, Arrays.copyOfRange(shape, 2, shape.length));
        }
        if (shape.length == 2) {
            float[] values = array.floats();
            float[][] rows = new float[shape[0]][shape[1]];
            for (int i = 0; i < values.length; i++) {
                rows[i / shape[1]][i % shape[1]] = values[i];
            }
            return Column.rows("x", rows);
        }
        if (shape.length == 4) {
            float[] values = array.floats();
            int size = values.length / shape[0];
            float[][] rows = new float[shape[0]][size];
            for (int i = 0; i < values.length; i++) {
                rows[i / size][i % size] = values[i];
            }
            return Column.rows("x", rows, shape[1], shape[2], shape[3]);
        }
        return Column.sequences("x", ForeignFiles.sequences(array));
    }

    @ParameterizedTest
    @CsvSource({
        "text.keras, ids, text",
        "series.h5, series_x, series",
        "image.keras, image_x, image",
        "old.h5, old_x, old",
        "flat_lstm.keras, flat_lstm_x, flat_lstm",
        "flat_convolved.h5, flat_convolved_x, flat_convolved",
        "flat_words.keras, flat_words_x, flat_words",
        "flat_graph.keras, flat_graph_x, flat_graph",
        "flat_strides.keras, flat_strides_x, flat_strides",
        "flat_windows.keras, flat_windows_x, flat_windows",
        "flat_films.keras, flat_films_x, flat_films",
        "flat_norm.keras, flat_norm_x, flat_norm"
    })
    void modelsComputeAsThere(String name, String input, String output) throws IOException {
        Path file = FILES.file(name);
        assertThat(ModelFormats.of(file).name()).isEqualTo("keras");
        try (Device device = Devices.cpu();
                Model model = ModelFormats.of(file).load(device, file)) {
            ForeignFiles.assertOutputs(model, column(input), array(output), TOLERANCE);
        }
    }

    @Test
    void graphsComputeAsThere() throws IOException {
        Path file = FILES.file("graph.keras");
        try (Device device = Devices.cpu();
                Model model = ModelFormats.of(file).load(device, file)) {
            Map<String, Prediction> outputs = model.predict(column("graph_x"));

            assertThat(outputs).containsOnlyKeys("ls", "twice");
            ForeignFiles.assertValues(outputs.get("ls"), array("graph_steps"), TOLERANCE);
            ForeignFiles.assertValues(outputs.get("twice"), array("graph_twice"), TOLERANCE);
        }
    }

    /** Steps that are rows are of one number. */
    @Test
    void otherNumbersOfStepsAreRefused() throws IOException {
        Path file = FILES.file("flat_words.keras");
        try (Device device = Devices.cpu();
                Model model = ModelFormats.of(file).load(device, file)) {
            assertThatThrownBy(() -> model.predict(Column.tokens("x", new int[][] {{1, 2, 3}})))
                    .hasMessageContaining("expected sequences of 6 steps, got 3");
            assertThatThrownBy(() -> model.predict(Column.tokens("x", new int[][] {{1, 2, 3, 4, 5, 6}, {1, 2}})))
                    .hasMessageContaining("expected 6 real steps in each row, got 2 in row 1");
        }
    }

    /** What came in is a model as any other: it is saved and read again with the same outputs. */
    @Test
    void whatWasReadIsSaved() throws IOException {
        Path file = FILES.file("text.keras");
        Path saved = folder.resolve("saved.safetensors");
        try (Device device = Devices.cpu();
                Model model = ModelFormats.of(file).load(device, file)) {
            ModelFile.save(model, saved, Map.of());
        }
        try (Device device = Devices.cpu();
                Model model = ModelFile.load(device, saved)) {
            ForeignFiles.assertOutputs(model, column("ids"), array("text"), TOLERANCE);
            assertThatThrownBy(() -> model.predict(Column.tokens("x", new int[][] {{1, 9}})))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("9");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void weightsAloneGoIntoANetwork(boolean named) throws IOException {
        Bidirectional both = Bidirectional.of(Rnn.of(2)).merge(Bidirectional.Merge.AVERAGE);
        Linear head = Linear.of(2);
        Path file = FILES.file("weights.h5");
        Network network = named
                ? ForeignFiles.network(Form.sequences(3), both.named("ave"), head.named("head"))
                : ForeignFiles.network(Form.sequences(3), both, head);
        try (Device device = Devices.cpu();
                Model model = network.on(device).build()) {
            ModelFormats.of(file).loadWeights(model, file);

            ForeignFiles.assertOutputs(model, column("old_x"), array("old"), TOLERANCE);
        }
        assertThatThrownBy(() -> ModelFormats.of(file).network(file))
                .hasMessageContaining("weights.h5: holds weights alone, and not the layers");
    }

    @Test
    void weightsThatDoNotFitAreNamedAndNothingIsWritten() throws IOException {
        Path file = FILES.file("weights.h5");
        try (Device device = Devices.cpu();
                Model model = ForeignFiles.network(Form.sequences(3), Rnn.of(2).named("ave"), Linear.of(2))
                        .on(device)
                        .seed(1)
                        .build()) {
            float[] before = model.parameters().values().toFloats();
            assertThatThrownBy(() -> ModelFormats.of(file).loadWeights(model, file))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("layer 'ave' (Rnn): expected weights for [ave.0.forward.wx [2, 3]");
            assertThatThrownBy(() -> ModelFormats.of(file).loadWeights(model, file, Map.of("none", "ave")))
                    .hasMessageContaining("map: expected layers with weights, [ave, linear], got 'none'");
            assertThat(model.parameters().values().toFloats()).containsExactly(before);
        }
    }

    private Path changed(String from, String pattern, String replacement) throws IOException {
        Path file = folder.resolve("changed.keras");
        try (Archive archive = Archive.open(FILES.file(from));
                ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            for (String name : archive.names()) {
                byte[] bytes = archive.bytes(name);
                if (name.equals("config.json")) {
                    String text = new String(bytes, StandardCharsets.UTF_8);
                    assertThat(text).contains(pattern);
                    bytes = text.replace(pattern, replacement).getBytes(StandardCharsets.UTF_8);
                }
                zip.putNextEntry(new ZipEntry(name));
                zip.write(bytes);
            }
        }
        return file;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "text.keras|\"class_name\": \"GRU\"|\"class_name\": \"ConvLSTM1D\"|layer 'reader' (ConvLSTM1D): layers of this class are not known",
                "text.keras|\"activation\": \"softmax\"|\"activation\": \"celu\"|layer 'answer' (Dense): the activation 'celu' is not known",
                "states_pair.keras|\"initial_state\": [|\"constants\": [|layer 'decoder': reads values by the keyword constants; expected initial_state alone",
                "states_pair.keras|\"return_sequences\": false, \"return_state\": true|\"return_sequences\": false|layer 'encoder' (LSTM): its output 1 is read, and it gives one alone",
                "text.keras|\"merge_mode\": \"concat\"|\"merge_mode\": null|layer 'both_ways' (Bidirectional): does not merge its directions",
                "text.keras|\"units\": 4|\"units\": 5|layer 'answer' (Linear): expected weights for [answer.w [5, 3], answer.b [5]], got [dense/0 F32 [3, 4]",
                "text.keras|\"Sequential\"|\"Custom\"|expected a Sequential or functional model, got Custom",
                "text.keras|\"layers\": [|\"lay\": [|its description is damaged",
                "image.keras|channels_last|channels_first|layer 'c1' (Conv2D): has channels first, which is not read",
                "image.keras|\"AveragePooling2D\", \"config\": {\"name\": \"ap\", \"pool_size\": [2, 2], \"padding\": \"valid\"|\"ZeroPadding2D\", \"config\": {\"name\": \"ap\"|layer 'flat' (Flatten): reads what zeros were put round",
                "graph.keras|\"GlobalAveragePooling1D\", \"config\": {\"name\": \"p2\"|\"ZeroPadding1D\", \"config\": {\"name\": \"p2\"|zeros are put round a value that no convolution reads",
                "flat_lstm.keras|\"batch_shape\": [null, 5, 3]|\"batch_shape\": [null, null, 3]|layer 'flatten' (Flatten): makes features of all steps, whose number the model leaves open",
                "text.keras|\"Dropout\"|\"Flatten\"|layer 'drop' (Flatten): makes features of all steps, whose number the model leaves open",
                "graph.keras|\"use_scale\": false|\"use_scale\": true|layer 'att' (GeneralAttention): expected weights for [att.w",
                "graph.keras|\"score_mode\": \"dot\"|\"score_mode\": \"concat\"|layer 'att' (Attention): has no dot products",
                "graph.keras|\"keras_history\": [\"x\"|\"keras_history\": [\"s\"|input 'x' leads nowhere",
            })
    void whatIsNotKnownIsNamed(String from, String pattern, String replacement, String complaint) throws IOException {
        Path file = changed(from, pattern, replacement);
        try (Device device = Devices.cpu()) {
            assertThatThrownBy(() -> ModelFormats.of(file).load(device, file).close())
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("changed.keras: ")
                    .hasMessageContaining(complaint);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"config.json", "model.weights.h5"})
    void damagedArchivesAreRefused(String entry) throws IOException {
        List<String> complaints;
        try (Device device = Devices.named("reference")) {
            complaints = DamagedArchive.complaints(
                    FILES.file("text.keras"), entry, folder.resolve("damaged.keras"), 400, file -> {
                        try (Model model = ModelFormats.of(file).load(device, file)) {
                            assertThat(model.outputs()).isNotEmpty();
                        }
                    });
        }
        assertThat(complaints)
                .isNotEmpty()
                .allSatisfy(text -> assertThat(text).contains("damaged.keras").doesNotContain("\n"));
    }

    @Test
    void damagedFilesAreRefused() throws IOException {
        byte[] whole = Files.readAllBytes(FILES.file("series.h5"));
        Path file = folder.resolve("damaged.h5");
        List<String> complaints = new ArrayList<>();
        Random random = new Random(9);
        try (Device device = Devices.named("reference")) {
            for (int i = 0; i < 400; i++) {
                byte[] damaged = whole.clone();
                for (int k = 0; k <= i % 20; k++) {
                    damaged[8 + random.nextInt(whole.length - 8)] = (byte) random.nextInt(256);
                }
                Files.write(file, i % 9 == 0 ? Arrays.copyOf(damaged, 8 + random.nextInt(whole.length - 8)) : damaged);
                try (Model model = ModelFormats.of(file).load(device, file)) {
                    assertThat(model.outputs()).isNotEmpty();
                } catch (FileException e) {
                    complaints.add(e.getMessage());
                }
            }
        }
        assertThat(complaints)
                .isNotEmpty()
                .allSatisfy(text -> assertThat(text).contains("damaged.h5").doesNotContain("\n"));
    }

    private static String data() {
        String data = System.getProperty("gatefold.data");
        assumeThat(data).as("gatefold.data").isNotNull();
        return data;
    }

    /** People's own files, against layers in float64. */
    @ParameterizedTest
    @CsvSource({"practice_lstm.keras, practice", "stock_lstm.h5, stock"})
    void filesOfOthersComputeAsThere(String name, String what) throws IOException {
        Path file = Path.of(data(), "models", name);
        try (Device device = Devices.cpu();
                Model model = ModelFormats.of(file).load(device, file)) {
            ForeignFiles.assertOutputs(model, column(what + "_x"), array(what + "_lstm"), 1e-5f);
        }
    }

    /** Weights of a model with layers of its own class, and of CuDNNLSTM. */
    @Test
    void aGeneratorOfOthersComputesAsThere() throws IOException {
        Path file = Path.of(data(), "models", "textgenrnn_weights.hdf5");
        Graph.Builder graph = Graph.builder();
        Graph.Node x = graph.input("x", Form.tokens());
        Graph.Node embedded = graph.layer(Embedding.of(465, 100).named("embedding"), x);
        Graph.Node one = graph.layer(Lstm.of(128).returnSequences().named("rnn_1"), embedded);
        Graph.Node two = graph.layer(Lstm.of(128).returnSequences().named("rnn_2"), one);
        Graph.Node pooled =
                graph.layer(AttentionPooling.create().named("attention"), graph.concatenate(embedded, one, two));
        graph.output(
                "y",
                graph.layer(Softmax.probabilities(), graph.layer(Linear.of(465).named("output"), pooled)));
        try (Device device = Devices.cpu();
                Model model = graph.build().on(device).build()) {
            ModelFormats.of(file).loadWeights(model, file);

            ForeignFiles.assertOutputs(model, column("textgen_x"), array("textgenrnn"), 1e-5f);
        }
    }
}
