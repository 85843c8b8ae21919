package org.gatefold.exchange.deeplearning4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.assertj.core.data.Offset;
import org.gatefold.data.Column;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.exchange.DamagedArchive;
import org.gatefold.exchange.ForeignFiles;
import org.gatefold.exchange.ModelFile;
import org.gatefold.exchange.ModelFormats;
import org.gatefold.file.Archive;
import org.gatefold.file.NumpyArray;
import org.gatefold.model.Model;
import org.gatefold.model.Prediction;
import org.gatefold.tensor.Form;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files and outputs of Deeplearning4j itself, by {@code ci/interop/deeplearning4j}. */
class DeepLearning4jFormatTest {
    private static final float TOLERANCE = 2e-6f;
    private static final ForeignFiles FILES = new ForeignFiles(DeepLearning4jFormatTest.class);

    @TempDir
    private Path folder;

    private static NumpyArray array(String name) throws IOException {
        return FILES.array("models.npz", name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lstm",
                "graves",
                "bidirectional",
                "lastboth",
                "steps",
                "pooled",
                "series",
                "frozen",
                "words",
                "ids",
                "image",
                "channels",
                "flat",
                "double",
                "chain",
                "video"
            })
    void modelsComputeAsThere(String name) throws IOException {
        Path file = FILES.file(name + ".zip");
        assertThat(ModelFormats.of(file).name()).isEqualTo("deeplearning4j");
        try (Device device = Devices.cpu();
                Model model = ModelFormats.of(file).load(device, file)) {
            assertComputes(model, name, TOLERANCE);
        }
    }

    /** Numbers there are of 16 bits from step to step. */
    @Test
    void modelsOfHalfPrecisionAreRead() throws IOException {
        Path file = FILES.file("half.zip");
        try (Device device = Devices.cpu();
                Model model = DeepLearning4jModel.read(file).load(device)) {
            assertComputes(model, "half", 2e-3f);
        }
    }

    private static void assertComputes(Model model, String name, float tolerance) throws IOException {
        Map<String, NumpyArray> arrays = NumpyArray.readAll(FILES.file("models.npz"));
        NumpyArray lengths = arrays.get(name + ".in.lengths");
        NumpyArray expected = arrays.get(name + ".out");
        NumpyArray in = arrays.get(name + ".in");
        if (lengths == null) {
            ForeignFiles.assertOutputs(model, column(in, model.input()), expected, tolerance);
            return;
        }
        int[] valid = lengths.ints();
        if (!model.output().sequence()) {
            float[][] rows = model.predict(ForeignFiles.sequences(in), valid);
            float[] wanted = expected.floats();
            for (int i = 0; i < wanted.length; i++) {
                assertThat(rows[i / rows[0].length][i % rows[0].length]).isCloseTo(wanted[i], Offset.offset(tolerance));
            }
            return;
        }
        float[][][] answers = model.predictSequences(ForeignFiles.sequences(in), valid);
        float[][][] wanted = ForeignFiles.sequences(expected);
        for (int row = 0; row < valid.length; row++) {
            for (int step = 0; step < valid[row]; step++) {
                assertThat(answers[row][step])
                        .as("row %d, step %d", row, step)
                        .containsExactly(wanted[row][step], Offset.offset(tolerance));
            }
        }
    }

    private static Column column(NumpyArray array, Form form) {
        int[] shape = array.shape();
        if (form.equals(Form.ids())) {
            return Column.labels("x", array.ints());
        }
        if (form.equals(Form.tokens())) {
            int[][] tokens = new int[shape[0]][shape[1]];
            float[] ids = array.floats();
            for (int i = 0; i < ids.length; i++) {
                tokens[i / shape[1]][i % shape[1]] = (int) ids[i];
            }
            return Column.tokens("x", tokens);
        }
        if (form.sequence()) {
            return Column.sequences("x", ForeignFiles.sequences(array));
        }
        float[] values = array.floats();
        float[][] rows = new float[shape[0]][values.length / shape[0]];
        for (int i = 0; i < values.length; i++) {
            rows[i / rows[0].length][i % rows[0].length] = values[i];
        }
        return Column.rows(
                "x",
                rows,
                form.dimensions().stream().mapToInt(Integer::intValue).toArray());
    }

    @Test
    void graphsComputeAsThere() throws IOException {
        Path file = FILES.file("graph.zip");
        try (Device device = Devices.cpu();
                Model model = ModelFormats.of(file).load(device, file)) {
            Map<String, Prediction> outputs = model.predict(
                    Column.sequences("series", ForeignFiles.sequences(array("graph.in.series"))),
                    Column.rows("facts", rows(array("graph.in.facts"))));

            assertThat(outputs).containsOnlyKeys("answer", "series_out");
            ForeignFiles.assertValues(outputs.get("answer"), array("graph.out.answer"), TOLERANCE);
            ForeignFiles.assertValues(outputs.get("series_out"), array("graph.out.series_out"), TOLERANCE);
        }
    }

    private static float[][] rows(NumpyArray array) {
        float[][] rows = new float[array.shape()[0]][array.shape()[1]];
        float[] values = array.floats();
        for (int i = 0; i < values.length; i++) {
            rows[i / rows[0].length][i % rows[0].length] = values[i];
        }
        return rows;
    }

    /** What was read is a model as any other: saved, read again, the same to the bit. */
    @ParameterizedTest
    @ValueSource(strings = {"graves", "frozen", "chain"})
    void modelsAreSavedAsOthers(String name) throws IOException {
        Path saved = folder.resolve("model.safetensors");
        float[][][] series = ForeignFiles.sequences(array(name + ".in"));
        try (Device device = Devices.cpu();
                Model model =
                        DeepLearning4jModel.read(FILES.file(name + ".zip")).load(device)) {
            ModelFile.save(model, saved, Map.of());
            try (Model again = ModelFile.load(device, saved)) {
                assertThat(again.predictSequences(series, null)).isDeepEqualTo(model.predictSequences(series, null));
            }
        }
    }

    @Test
    void frozenLayersStayFrozen() {
        try (Device device = Devices.cpu();
                Model model = DeepLearning4jModel.read(FILES.file("frozen.zip")).load(device)) {
            assertThat(model.parameters().list())
                    .filteredOn(parameter -> parameter.name().startsWith("layer0."))
                    .isNotEmpty()
                    .allMatch(parameter -> parameter.isFrozen());
            assertThat(model.parameters().list())
                    .filteredOn(parameter -> parameter.name().startsWith("layer5."))
                    .isNotEmpty()
                    .noneMatch(parameter -> parameter.isFrozen());
        }
    }

    /** Means and deviations of a normaliser that was fitted to random numbers about 2 that deviate by 4. */
    @Test
    void normalizersAreTold() {
        Path file = FILES.file("half.zip");
        Normalizer normalizer = DeepLearning4jModel.read(file).normalizer().orElseThrow();

        assertThat(normalizer.kind()).isEqualTo("standardize");
        float[] factors = normalizer.factors();
        float[] normal = normalizer.of(new float[] {2, 2, 2});
        assertThat(normal).hasSize(3);
        for (int i = 0; i < 3; i++) {
            assertThat(factors[i]).isBetween(0.15f, 0.45f);
            assertThat(normal[i]).isBetween(-1f, 1f);
        }
        assertThat(ModelFormats.of(file).describe(file)).contains("standardize of 3 features", "26 numbers of f16");
        assertThat(DeepLearning4jModel.read(FILES.file("lstm.zip")).normalizer())
                .isEmpty();
    }

    /** Of images of another size, which give vectors of the same. */
    @Test
    void formsOfInputsCanBeSaid() {
        Path file = FILES.file("image.zip");
        Form form = Form.rows(3, 9, 7);

        assertThat(ModelFormats.of(file).network(file).inputs().get(Model.INPUT))
                .isEqualTo(Form.rows(3, 8, 6));
        assertThat(DeepLearning4jModel.read(file, Map.of(Model.INPUT, form))
                        .network()
                        .inputs()
                        .get(Model.INPUT))
                .isEqualTo(form);
        assertThatThrownBy(() -> DeepLearning4jModel.read(file, Map.of("picture", form)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("expected names of [input], got 'picture'");
        assertThatThrownBy(() -> DeepLearning4jModel.read(file, Map.of(Model.INPUT, Form.rows(3, 12, 6))))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("if the images are of another size, say the form of the input");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "lstm | ActivationSoftSign | ActivationRationalTanh | this function is not known in a cell",
                "lstm | ActivationSoftmax | ActivationCube | 'layer2' (ActivationCube): this function is not known",
                "lstm | layers.LSTM\" | layers.Mystery\" | 'layer0' (Mystery): layers of this class are not known",
                "lstm | \"nin\" : 5 | \"nin\" : 7 | 'layer1' (LSTM): expected 7 numbers or channels in, got",
                "lstm | \"nout\" : 3 | \"nout\" : 4 | of coefficients.bin, which has",
                "lstm | \"nout\" : 3 | \"nout\" : 2 | numbers, of which the layers take",
                "lstm | \"nout\" : 3 | \"nout\" : 2000000000 | 'layer2'",
                "lstm | \"nout\" : 3 | \"nout\" : -1 | expected nout of at least 1, got -1",
                "lstm | \"confs\" | \"konfs\" | expected the layers of a network or the vertices of a graph",
                "bidirectional | \"mode\" : \"MUL\" | \"mode\" : \"MAX\" | the mode 'MAX' is not known",
                "pooled | \"poolingType\" : \"AVG\" | \"poolingType\" : \"PNORM\" | pooling of type PNORM is not known",
                "graph | \"op\" : \"Average\" | \"op\" : \"Power\" | 'mean' (ElementWiseVertex): the operation 'Power'",
                "graph | graph.MergeVertex | graph.StackVertex | vertices of this class are not known",
                "graph | topologicalOrderStr | somethingElse | says no order of its vertices",
                "steps | RnnToFeedForwardPreProcessor | UnitVarianceProcessor | preprocessors of this class are not known"
            })
    void whatIsNotKnownIsNamed(String name, String from, String to, String message) throws IOException {
        Path file = rewritten(name, text -> {
            assertThat(text).contains(from);
            return text.replace(from, to);
        });
        assertThatThrownBy(() -> load(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(message);
    }

    /** Releases before 1.0.0-beta wrote the kind of a layer as a field round it, and names of functions. */
    @Test
    void oldDescriptionsAreRead() throws IOException {
        Path file = rewritten("graves", text -> {
            String old = text;
            for (String[] names : new String[][] {
                {"GravesLSTM", "gravesLSTM"},
                {"GravesBidirectionalLSTM", "gravesBidirectionalLSTM"},
                {"RnnOutputLayer", "rnnoutput"}
            }) {
                old = old.replaceAll(
                        "\"layer\" : \\{\\s*\"@class\" : \"org.deeplearning4j.nn.conf.layers." + names[0]
                                + "\",((?s:.)*?)\n    \\},\n",
                        "\"layer\" : { \"" + names[1] + "\" : {$1} },\n");
            }
            return old.replaceAll(
                    "\\{\\s*\"@class\" : \"org.nd4j.linalg.activations.impl.Activation(\\w+)\"\\s*\\}",
                    "{ \"$1\" : {} }");
        });
        assertThat(new String(bytes(file, "configuration.json"), StandardCharsets.UTF_8))
                .doesNotContain("layers.GravesLSTM", "impl.ActivationTanH")
                .contains("\"gravesLSTM\"", "\"TanH\"");
        try (Device device = Devices.cpu();
                Model model = ModelFormats.of(file).load(device, file)) {
            assertComputes(model, "graves", TOLERANCE);
        }
    }

    private static void load(Path file) {
        try (Device device = Devices.cpu();
                Model model = ModelFormats.of(file).load(device, file)) {
            assertThat(model.outputs()).isNotEmpty();
        }
    }

    private static byte[] bytes(Path file, String entry) throws IOException {
        try (Archive archive = Archive.open(file)) {
            return archive.bytes(entry);
        }
    }

    private Path rewritten(String name, UnaryOperator<String> change) throws IOException {
        Path source = FILES.file(name + ".zip");
        String text = new String(bytes(source, "configuration.json"), StandardCharsets.UTF_8);
        return written(change.apply(text).getBytes(StandardCharsets.UTF_8), bytes(source, "coefficients.bin"));
    }

    private Path written(byte[] configuration, byte[] coefficients) throws IOException {
        Path file = folder.resolve("changed.zip");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.putNextEntry(new ZipEntry("configuration.json"));
            zip.write(configuration);
            if (coefficients != null) {
                zip.putNextEntry(new ZipEntry("coefficients.bin"));
                zip.write(coefficients);
            }
        }
        return file;
    }

    /** Bytes changed in numbers and description, entries cut off. */
    @ParameterizedTest
    @CsvSource({"lstm, coefficients.bin", "graph, configuration.json", "half, normalizer.bin"})
    void damagedFilesAreReadOrRefused(String name, String entry) throws IOException {
        List<String> complaints;
        try (Device device = Devices.cpu()) {
            complaints = DamagedArchive.complaints(
                    FILES.file(name + ".zip"), entry, folder.resolve("damaged.zip"), 300, file -> {
                        try (Model model = ModelFormats.of(file).load(device, file)) {
                            assertThat(model.outputs()).isNotEmpty();
                        }
                    });
        }
        assertThat(complaints)
                .isNotEmpty()
                .allSatisfy(text -> assertThat(text).contains("damaged.zip").doesNotContain("\n"));
    }

    /** Whatever a buffer claims, no more memory is taken than there are bytes. */
    @Test
    void claimsOfBuffersAreChecked() throws IOException {
        byte[] configuration = bytes(FILES.file("lstm.zip"), "configuration.json");
        byte[] numbers = bytes(FILES.file("lstm.zip"), "coefficients.bin");
        int length = new String(numbers, StandardCharsets.ISO_8859_1).indexOf("FLOAT") - 2 - Long.BYTES;
        for (int i = 0; i < Long.BYTES; i++) {
            byte[] changed = numbers.clone();
            changed[length + i] = 0x7f;
            assertThatThrownBy(() -> load(written(configuration, changed)))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("entry 'coefficients.bin': expected");
        }
        assertThatThrownBy(() -> load(written(configuration, null)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("of coefficients.bin, which has 0");
    }
}
