package org.gatefold.exchange.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.gatefold.data.Column;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.exchange.ForeignFiles;
import org.gatefold.exchange.ModelFile;
import org.gatefold.exchange.ModelFormats;
import org.gatefold.file.Archive;
import org.gatefold.file.Json;
import org.gatefold.file.NumpyArray;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.model.Prediction;
import org.gatefold.tensor.ElementType;
import org.gatefold.tensor.Form;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Models of Keras' own in which states go from layer to layer, or models stand in the place of layers, with their outputs, by {@code ci/interop/keras_graphs.py}. */
class KerasGraphsTest {
    private static final float TOLERANCE = 2e-6f;
    private static final ForeignFiles FILES = new ForeignFiles(KerasGraphsTest.class);

    @TempDir
    Path folder;

    private static Column column(String name, Form form, NumpyArray array) {
        if (form.sequence() && form.type() == ElementType.F32) {
            return Column.sequences(name, ForeignFiles.sequences(array));
        }
        int width = array.shape()[1];
        if (form.sequence()) {
            int[][] tokens = new int[array.shape()[0]][];
            Arrays.setAll(tokens, row -> Arrays.copyOfRange(array.ints(), row * width, (row + 1) * width));
            return Column.tokens(name, tokens);
        }
        float[][] rows = new float[array.shape()[0]][];
        Arrays.setAll(rows, row -> Arrays.copyOfRange(array.floats(), row * width, (row + 1) * width));
        return Column.rows(name, rows);
    }

    /** The outputs in the order in which Keras lists them. */
    private static void assertOutputs(Model model, String name, List<String> outputs) throws IOException {
        List<Column> columns = new ArrayList<>();
        for (Map.Entry<String, Form> input : model.inputs().entrySet()) {
            NumpyArray array = FILES.array("graphs.npz", name + "_" + input.getKey());
            columns.add(column(input.getKey(), input.getValue(), array));
        }
        Map<String, Prediction> answers = model.predict(columns.toArray(Column[]::new));
        assertThat(answers).containsOnlyKeys(outputs);
        for (int i = 0; i < outputs.size(); i++) {
            NumpyArray expected = FILES.array("graphs.npz", name + "_out" + i);
            ForeignFiles.assertValues(answers.get(outputs.get(i)), expected, TOLERANCE);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "states_pair.keras, output",
        "states_step.h5, answer decoder_state0 decoder_state1",
        "states_both.keras, reader_state0 again",
        "states_attention.keras, output",
        "attention_heads.keras, output",
        "two_ways.keras, ways once",
        "masks.keras, both mean end",
        "open_steps.keras, second most third mean summed beside flat",
        "attention_scaled.keras, added plain scaled",
        "attention_across.keras, output",
        "attention_across.h5, output",
        "nested.keras, head body_output1",
        "nested.h5, head body_output1",
        "nested_steps.keras, output",
        "nested_steps.h5, output",
        "siamese.h5, output"
    })
    void modelsComputeAsThere(String file, String outputs) throws IOException {
        String name = file.substring(0, file.indexOf('.'));
        List<String> names = List.of(outputs.split(" "));
        Path saved = folder.resolve("saved.safetensors");
        try (Device device = Devices.cpu();
                Model model = ModelFormats.of(FILES.file(file)).load(device, FILES.file(file))) {
            assertOutputs(model, name, names);
            ModelFile.save(model, saved, Map.of());
            try (Model loaded = ModelFile.load(device, saved)) {
                assertOutputs(loaded, name, names);
            }
        }
    }

    /** What is written of models that were read; models within are written as the layers that they have. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "states_pair.keras",
                "states_step.h5",
                "states_both.keras",
                "states_attention.keras",
                "attention_across.keras",
                "two_ways.keras",
                "nested.keras",
                "nested_steps.keras"
            })
    void whatIsWrittenComputesTheSame(String file) throws IOException {
        Path written = folder.resolve("written.keras");
        try (Device device = Devices.cpu();
                Model model = ModelFormats.of(FILES.file(file)).load(device, FILES.file(file))) {
            ModelFormats.named("keras").save(model, written, Map.of());
            try (Model again = ModelFormats.of(written).load(device, written)) {
                assertOutputs(
                        again,
                        file.substring(0, file.indexOf('.')),
                        List.copyOf(again.outputs().keySet()));
            }
        }
    }

    /** Masks that say the same as the layers are read over; others would be lost. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"mask_zero\": true|\"mask_zero\": false|'both': is told a mask, made by 'not_equal",
                "\"mask_value\": 2.0|\"mask_value\": 1.0|'mean': is told a mask, made by 'any",
                "\"mask\": {|\"mask\": null, \"other\": {|'both': reads values by the keyword other",
                "\"class_name\": \"Any\"|\"class_name\": \"All\"|'mean': is told a mask, made by 'any",
            })
    void masksOfOthersAreRefused(String text, String changed, String complaint) throws IOException {
        String config = maskedModel();
        assertThat(config).contains(text);
        JsonObject model = Json.parse(config.replace(text, changed), JsonObject.class);
        assertThatThrownBy(() -> KerasGraph.read("file", model, KerasVersion.of("3.15.1")))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(complaint);
    }

    private static String maskedModel() throws IOException {
        try (Archive archive = Archive.open(FILES.file("masks.keras"))) {
            return new String(archive.bytes(KerasFile.CONFIG, 1 << 20), StandardCharsets.UTF_8);
        }
    }

    /** Each mask is made twice of the one before: a way back through all of them has no end. */
    @Test
    void masksThatAreMadeOfEachOtherAreLookedAtOnce() throws IOException {
        JsonObject model = Json.parse(maskedModel(), JsonObject.class);
        JsonArray layers = model.getAsJsonObject("config").getAsJsonArray("layers");
        String before = null;
        JsonObject reader = null;
        for (JsonElement one : layers) {
            JsonObject layer = one.getAsJsonObject();
            before = layer.get("class_name").getAsString().equals("Any") && before == null
                    ? layer.get("name").getAsString()
                    : before;
            reader = layer.get("name").getAsString().equals("mean") ? layer : reader;
        }
        for (int i = 0; i < 60; i++) {
            String name = "or_" + i;
            layers.add(Json.parse("""
                    {"class_name": "LogicalOr", "module": "keras.src.ops.numpy", "name": "NAME", "config": {"name": "NAME"},
                    "inbound_nodes": [{"args": [OF, OF], "kwargs": {}}]}
                    """.replace("NAME", name).replace("OF", tensor(before)), JsonObject.class));
            before = name;
        }
        reader.getAsJsonArray("inbound_nodes")
                .get(0)
                .getAsJsonObject()
                .getAsJsonObject("kwargs")
                .add("mask", Json.parse(tensor(before), JsonObject.class));
        assertThat(KerasGraph.read("file", model, KerasVersion.of("3.15.1"))
                        .network()
                        .layers())
                .isNotEmpty();
    }

    private static String tensor(String maker) {
        return "{\"class_name\": \"__keras_tensor__\", \"config\": {\"keras_history\": [\"" + maker + "\", 0, 0]}}";
    }

    /** As layers do that know no masks. */
    @Test
    void aLayerThatIsToldNoMaskReadsAllSteps() throws IOException {
        JsonObject model = Json.parse(maskedModel(), JsonObject.class);
        for (JsonElement layer : model.getAsJsonObject("config").getAsJsonArray("layers")) {
            if (layer.getAsJsonObject().get("name").getAsString().equals("end")) {
                JsonElement call =
                        layer.getAsJsonObject().getAsJsonArray("inbound_nodes").get(0);
                call.getAsJsonObject().getAsJsonObject("kwargs").add("mask", JsonNull.INSTANCE);
            }
        }
        KerasGraph.Read read = KerasGraph.read("file", model, KerasVersion.of("3.15.1"));
        assertThat(read.network().layers()).isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "3.15.1, LSTM, false",
        "2.15.0-tf, GlobalAveragePooling1D, false",
        "2.15.0-tf, GlobalMaxPooling1D, true",
        "3.16.0, LSTM, true",
        "3.16.0, GlobalAveragePooling1D, true",
    })
    void masksEndBehindRecurrentLayersSinceKeras316(String version, String reader, boolean ends) {
        JsonObject model = Json.parse("""
                {"class_name": "Sequential", "config": {"name": "m", "layers": [
                {"class_name": "InputLayer", "config": {"name": "x", "batch_shape": [null, null]}},
                {"class_name": "Embedding", "config": {"name": "a", "input_dim": 5, "output_dim": 3, "mask_zero": true}},
                {"class_name": "GRU", "config": {"name": "b", "units": 4, "return_sequences": true}},
                {"class_name": "Dense", "config": {"name": "c", "units": 3}},
                {"class_name": "READER", "config": {"name": "d", "units": 2, "rate": 0.1}}]}}
                """.replace("READER", reader), JsonObject.class);
        assertThat(KerasGraph.read("file", model, KerasVersion.of(version)).network().layers().stream()
                        .anyMatch(layer -> layer.layer().type().equals("AllSteps")))
                .isEqualTo(ends);
    }

    /** What attention gives at queries that are left out is not what it gives here. */
    @Test
    void whatReadsAllStepsOfMaskedQueriesIsRefused() {
        JsonObject model = Json.parse("""
                {"class_name": "Functional", "config": {"name": "m",
                "input_layers": [["q", 0, 0]], "output_layers": [["p", 0, 0]], "layers": [
                {"class_name": "InputLayer", "name": "q", "inbound_nodes": [],
                "config": {"name": "q", "batch_input_shape": [null, null, 4]}},
                {"class_name": "Masking", "name": "m", "config": {"name": "m", "mask_value": 0.0},
                "inbound_nodes": [[["q", 0, 0, {}]]]},
                {"class_name": "Attention", "name": "a", "config": {"name": "a"},
                "inbound_nodes": [[["m", 0, 0, {}], ["m", 0, 0, {}]]]},
                {"class_name": "GlobalMaxPooling1D", "name": "p", "config": {"name": "p"},
                "inbound_nodes": [[["a", 0, 0, {}]]]}]}}
                """, JsonObject.class);
        assertThatThrownBy(() -> KerasGraph.read("file", model, KerasVersion.of("2.15.0")))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("layer 'p'")
                .hasMessageContaining("whose queries a mask leaves out");
    }

    /** Keras 2 writes what a call reads by keyword behind the reference to what it reads first. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"value\": [\"s\", 0, 0]|",
                "\"value\": [\"s\", 0, 0], \"key\": [\"s\", 0, 0]|",
                "\"value\": [\"s\", 0, 0], \"key\": [\"q\", 0, 0]|has keys that are not its values",
                "\"value\": [\"s\", 0, 0], \"attention_mask\": [\"q\", 0, 0]|reads a mask of its own",
            })
    void attentionOfKeras2ReadsItsKeywords(String keywords, String complaint) {
        JsonObject model = Json.parse("""
                {"class_name": "Functional", "config": {"name": "m",
                "input_layers": [["q", 0, 0], ["s", 0, 0]], "output_layers": [["a", 0, 0]], "layers": [
                {"class_name": "InputLayer", "name": "q", "inbound_nodes": [],
                "config": {"name": "q", "batch_input_shape": [null, null, 4]}},
                {"class_name": "InputLayer", "name": "s", "inbound_nodes": [],
                "config": {"name": "s", "batch_input_shape": [null, null, 4]}},
                {"class_name": "MultiHeadAttention", "name": "a",
                "config": {"name": "a", "num_heads": 2, "key_dim": 3, "value_dim": null, "attention_axes": [1]},
                "inbound_nodes": [[["q", 0, 0, {KEYWORDS, "use_causal_mask": true}]]]}]}}
                """.replace("KEYWORDS", keywords), JsonObject.class);
        if (complaint == null) {
            Network network =
                    KerasGraph.read("file", model, KerasVersion.of("2.11.0")).network();
            assertThat(network.layers()).singleElement().satisfies(layer -> assertThat(
                            layer.layer().options())
                    .containsEntry("headSize", 3)
                    .containsEntry("causal", true));
        } else {
            assertThatThrownBy(() -> KerasGraph.read("file", model, KerasVersion.of("2.11.0")))
                    .hasMessageContaining("layer 'a'")
                    .hasMessageContaining(complaint);
        }
    }

    /** A model of a description alone: what is hostile is refused before any weight is looked for. */
    private static JsonObject within(JsonObject inner, int times) {
        JsonArray layers = new JsonArray();
        for (int i = 0; i < times; i++) {
            JsonObject layer = inner.deepCopy();
            layer.getAsJsonObject("config").addProperty("name", "m" + i);
            layers.add(layer);
        }
        return Json.object("class_name", "Sequential", "config", Json.object("name", "m", "layers", layers));
    }

    @Test
    void modelsWithinModelsAreBounded() {
        JsonObject dropout = Json.object("class_name", "Dropout", "config", Json.object("name", "d", "rate", 0.5f));
        JsonArray shape = new JsonArray();
        shape.add(JsonNull.INSTANCE);
        shape.add(3);
        JsonObject deep = dropout;
        JsonObject wide = dropout;
        for (int i = 0; i < 40; i++) {
            deep = within(deep, 1);
        }
        for (int i = 0; i < 16; i++) {
            wide = within(wide, 2);
        }
        for (JsonObject model : List.of(deep, wide)) {
            model.getAsJsonObject("config").add("build_input_shape", shape);
        }
        JsonObject tooDeep = deep;
        JsonObject tooWide = wide;
        assertThatThrownBy(() -> KerasGraph.read("file", tooDeep, KerasVersion.of("3.15.1")))
                .isInstanceOf(CheckpointException.class)
                .hasMessage("file: layer 'm0' (Sequential): models stand within models more than 32 deep");
        assertThatThrownBy(() -> KerasGraph.read("file", tooWide, KerasVersion.of("3.15.1")))
                .hasMessage("file: applies layers more than 20000 times");
    }
}
