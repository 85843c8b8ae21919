package org.gatefold.exchange.keras;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.gatefold.data.Column;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.ForeignFiles;
import org.gatefold.exchange.ModelFile;
import org.gatefold.exchange.ModelFormats;
import org.gatefold.file.NumpyArray;
import org.gatefold.model.Model;
import org.gatefold.model.Prediction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Functions and merges by Keras' names, with what Keras itself computed, by {@code ci/interop/keras_functions.py}. */
class KerasFunctionsTest {
    private static final float TOLERANCE = 2e-6f;
    private static final ForeignFiles FILES = new ForeignFiles(KerasFunctionsTest.class);

    @TempDir
    private Path folder;

    private static Column column(Model model, NumpyArray array) {
        if (model.input().sequence()) {
            return Column.sequences("x", ForeignFiles.sequences(array));
        }
        int width = array.shape()[1];
        float[][] rows = new float[array.shape()[0]][];
        Arrays.setAll(rows, row -> Arrays.copyOfRange(array.floats(), row * width, (row + 1) * width));
        return Column.rows("x", rows);
    }

    private static void assertOutputs(Model model, String name, List<String> outputs) throws IOException {
        Map<String, Prediction> answers = model.predict(column(model, FILES.array("functions.npz", name + "_x")));
        assertThat(answers).containsOnlyKeys(outputs);
        for (int i = 0; i < outputs.size(); i++) {
            ForeignFiles.assertValues(
                    answers.get(outputs.get(i)), FILES.array("functions.npz", name + "_out" + i), TOLERANCE);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "functions, output",
        "functions_dense, output",
        "functions_relu, output",
        "functions_merge, average subtract maximum minimum"
    })
    void modelsComputeAsThere(String name, String outputs) throws IOException {
        Path file = FILES.file(name + ".keras");
        Path saved = folder.resolve("saved.safetensors");
        try (Device device = Devices.cpu();
                Model model = ModelFormats.of(file).load(device, file)) {
            assertOutputs(model, name, List.of(outputs.split(" ")));
            ModelFile.save(model, saved, Map.of());
            try (Model loaded = ModelFile.load(device, saved)) {
                assertOutputs(loaded, name, List.of(outputs.split(" ")));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"functions, output", "functions_dense, output", "functions_merge, average subtract maximum minimum"})
    void whatIsWrittenComputesTheSame(String name, String outputs) throws IOException {
        Path file = FILES.file(name + ".keras");
        Path written = folder.resolve("written.keras");
        try (Device device = Devices.cpu();
                Model model = ModelFormats.of(file).load(device, file)) {
            ModelFormats.named("keras").save(model, written, Map.of());
            try (Model again = ModelFormats.of(written).load(device, written)) {
                assertOutputs(again, name, List.of(outputs.split(" ")));
            }
        }
    }

    /** Keras 2 had another slope. */
    @Test
    void theHardSigmoidOfKeras2IsAnother() {
        KerasConfig config = new KerasConfig("Activation", "a", new JsonObject());
        assertThat(KerasActivations.layer(config, "hard_sigmoid", false)
                        .description()
                        .options())
                .containsEntry("alpha", 0.2f);
        assertThat(KerasActivations.layer(config, "hard_sigmoid", true)
                        .description()
                        .options())
                .containsEntry("alpha", 1f / 6f);
    }
}
