package org.gatefold.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.file.AtomicFile;
import org.gatefold.file.JsonFields;
import org.gatefold.file.Safetensors;
import org.gatefold.layer.LayerDescription;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.GraphDescription;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.model.Sequential;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a small file claims costs nothing, and what a sound one holds is not drawn first. */
class ModelFileClaimsTest {
    /** What a refusal may take of the heap, besides a multiple of the file; the smallest weights claimed would take 64 MiB. */
    private static final long MOST_ALLOCATED = 1 << 20;

    private static final long MOST_PER_BYTE = 32;

    @TempDir
    private Path directory;

    private static Network small() {
        return Network.sequential(Form.sequences(1))
                .add(Lstm.of(32))
                .add(Linear.of(1))
                .build();
    }

    private static JsonObject description() {
        return NetworkJson.write(small().description());
    }

    private static JsonObject options(JsonObject description, int layer) {
        return description.getAsJsonArray("layers").get(layer).getAsJsonObject().getAsJsonObject("options");
    }

    /** A file with the small network's tensors and any description. */
    private Path file(String description) throws IOException {
        List<Safetensors.Source> tensors = new ArrayList<>();
        small().parameters()
                .forEach((name, shape) -> tensors.add(
                        new Safetensors.Source(name, shape, () -> new float[Math.toIntExact(shape.elements())])));
        Path file = directory.resolve("claims.safetensors");
        AtomicFile.write(file, out -> Safetensors.write(out, Map.of("gatefold.model", description), tensors));
        return file;
    }

    /** The small network's file, with another option of its first layer. */
    private Path claiming(String option, int value) throws IOException {
        JsonObject description = description();
        options(description, 0).addProperty(option, value);
        return file(description.toString());
    }

    /** The refusal, which a device that can give nothing must not come before; it took little memory of the heap. */
    private static Throwable refusal(Path file) throws IOException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Throwable first = catchThrowable(() -> ModelFile.network(file)); // loads classes
        long before = threads.getCurrentThreadAllocatedBytes();
        Throwable refused = catchThrowable(() -> ModelFile.network(file));
        assertThat(threads.getCurrentThreadAllocatedBytes() - before)
                .isLessThan(MOST_ALLOCATED + MOST_PER_BYTE * Files.size(file));
        try (Device device = Devices.named("reference")) {
            Runnable close = device::close;
            close.run();
            assertThatThrownBy(() -> load(device, file)).hasMessage(first.getMessage());
        }
        return refused;
    }

    private static void load(Device device, Path file) {
        try (Model model = ModelFile.load(device, file)) {
            throw new AssertionError("loaded " + model.network().description());
        }
    }

    @ParameterizedTest
    @CsvSource({"2048, 8192", "9000, 36000", "100000, 400000"})
    void unitsAreComparedWithTheTensors(int units, int rows) throws IOException {
        Path file = claiming("units", units);
        assertThat(refusal(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessage("model " + file + ": is damaged: tensor 'lstm.0.forward.wx': expected shape [" + rows
                        + ", 1], got [128, 1]");
    }

    @Test
    void unitsWhoseSquareNobodyCanCountAreRefusedBeforeThat() throws IOException {
        Path file = claiming("units", 500_000_000);
        assertThat(refusal(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith("model " + file + ": is damaged: layers x directions x gates x hiddenSize")
                .hasMessageEndingWith("got 1 x 1 x 4 x 500000000 x 1 x 500000000");
    }

    @Test
    void stackedLayersAreComparedOneByOne() throws IOException {
        Path file = claiming("layers", 1_000_000);
        assertThat(refusal(file))
                .hasMessage("model " + file + ": is damaged: expected a tensor 'lstm.1.forward.wx', found none");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Linear", "Lstm"})
    void theFirstOfManyLayersIsEnough(String type) throws IOException {
        List<String> asked = new ArrayList<>();
        JsonObject layer = description()
                .getAsJsonArray("layers")
                .get("Lstm".equals(type) ? 0 : 1)
                .getAsJsonObject();
        layer.getAsJsonObject("options").addProperty("units", 1 << 20);
        GraphDescription many = GraphDescription.chain(
                Form.sequences(1 << 10),
                IntStream.range(0, 1_000)
                        .mapToObj(i -> new LayerDescription(
                                type,
                                "layer" + i,
                                JsonFields.of("", layer).fields("options").values()))
                        .toList());
        assertThatThrownBy(() -> Network.of(many, (name, shape) -> {
                    asked.add(name);
                    throw new IllegalStateException("enough");
                }))
                .hasMessage("enough");
        assertThat(asked).hasSize(1);
    }

    @Test
    void layersWithoutTensorsAreCounted() throws IOException {
        JsonObject description = description();
        JsonArray layers = description.getAsJsonArray("layers");
        for (int i = 0; i < 10_000; i++) {
            layers.add(JsonParser.parseString("{\"type\":\"Softmax\",\"name\":\"s" + i + "\",\"options\":{}}"));
        }
        Path file = file(description.toString());
        assertThat(refusal(file))
                .hasMessage("model " + file + ": is damaged: layers: expected at most 10,000, got 10,002");
    }

    /** One layer that is applied again and again: its values' names must not be sought one by one. */
    @Test
    void stepsAreCounted() throws IOException {
        JsonObject description = description();
        JsonArray steps = new JsonArray();
        for (int i = 0; i < 20_001; i++) {
            steps.add(new JsonObject());
        }
        description.add("steps", steps);
        Path file = file(description.toString());
        assertThat(refusal(file))
                .hasMessage("model " + file + ": is damaged: steps: expected at most 20,000, got 20,001");
    }

    @Test
    void aLongDescriptionIsNotRead() throws IOException {
        Path file = file(description() + " ".repeat(4 << 20));
        assertThat(catchThrowable(() -> ModelFile.network(file)))
                .hasMessage("model " + file + ": its description has "
                        + String.format(
                                Locale.ROOT, "%,d", description().toString().length() + (4 << 20))
                        + " characters; expected at most 4,194,304");
    }

    @Test
    void soundFilesAreLoadedWithoutAFirstDraw() {
        Path file = directory.resolve("sound.safetensors");
        try (Device device = Devices.named("reference");
                Sequential model = Sequential.on(device)
                        .add(new CountedLayer())
                        .add(Linear.of(1))
                        .build(Form.rows(3))) {
            int drawn = CountedLayer.DRAWS.get();
            assertThat(drawn).isPositive();
            model.parameters().get("countedlayer.counted").value().write(new float[] {7f, 8f, 9f});
            ModelFile.save(model, file, Map.of());
            try (Model loaded = ModelFile.load(device, file)) {
                assertThat(loaded.parameters()
                                .get("countedlayer.counted")
                                .value()
                                .toFloats())
                        .containsExactly(7f, 8f, 9f);
                ModelFile.loadWeights(loaded, file);
            }
            assertThat(ModelFile.network(file).parameters()).containsEntry("countedlayer.counted", Shape.of(3));
            assertThat(CountedLayer.DRAWS).hasValue(drawn);
        }
    }
}
