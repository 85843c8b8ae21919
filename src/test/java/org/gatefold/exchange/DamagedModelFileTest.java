package org.gatefold.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.file.FileException;
import org.gatefold.file.Mutations;
import org.gatefold.layer.basic.ActivationLayer;
import org.gatefold.layer.basic.Dropout;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.pooling.TimePooling;
import org.gatefold.layer.recurrent.Bidirectional;
import org.gatefold.layer.recurrent.Gru;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Graph;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.model.PairModule;
import org.gatefold.model.Twins;
import org.gatefold.tensor.Form;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is in a file, reading it succeeds or says in one line of one kind which file and field is wrong. */
class DamagedModelFileTest {
    private static final int ROUNDS = 400;
    private static final int LONGEST_MESSAGE = 1_200;
    private static final String DESCRIPTION = "gatefold.model";

    @TempDir
    private Path directory;

    private static Network network(String kind) {
        return switch (kind) {
            case "chain" ->
                Network.sequential(Form.sequences(2))
                        .add(Bidirectional.of(Gru.of(2).returnSequences()).merge(Bidirectional.Merge.SUM))
                        .add(Dropout.of(0.5f))
                        .add(Lstm.of(3).layers(2).dropout(0.25f))
                        .add(Linear.of(1))
                        .build();
            case "module" -> Network.of(() -> new PairModule(2));
            default -> {
                Graph.Builder graph = Graph.builder();
                Twins twins = Twins.of(graph, 2, Lstm.of(3).named("encoder"));
                Graph.Node product = graph.multiply(twins.left(), twins.right());
                Graph.Node all = graph.concatenate(twins.left(), twins.right(), product);
                Graph.Node h = graph.layer(ActivationLayer.tanh(), all);
                graph.output("distance", graph.layer(Linear.of(1), h));
                graph.output("most", graph.layer(TimePooling.max(), graph.add(twins.input(), twins.input())));
                yield graph.build();
            }
        };
    }

    private byte[] sound(Device device, Network network) throws IOException {
        Path file = directory.resolve("sound.safetensors");
        try (Model model = network.on(device).build()) {
            ModelFile.save(model, file, Map.of("scaler", "{\"mean\":1}"));
        }
        return Files.readAllBytes(file);
    }

    private static JsonObject header(byte[] file) {
        int length = Math.toIntExact(
                ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong());
        return JsonParser.parseString(new String(file, Long.BYTES, length, StandardCharsets.UTF_8))
                .getAsJsonObject();
    }

    private static byte[] withHeader(byte[] file, JsonElement header) {
        int length = Math.toIntExact(
                ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong());
        byte[] text = header.toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer changed =
                ByteBuffer.allocate(file.length - length + text.length).order(ByteOrder.LITTLE_ENDIAN);
        changed.putLong(text.length).put(text);
        changed.put(file, Long.BYTES + length, file.length - Long.BYTES - length);
        return changed.array();
    }

    private static byte[] withDescription(byte[] file, String description) {
        JsonObject header = header(file);
        header.getAsJsonObject("__metadata__").addProperty(DESCRIPTION, description);
        return withHeader(file, header);
    }

    private static JsonObject description(byte[] file) {
        return JsonParser.parseString(header(file)
                        .getAsJsonObject("__metadata__")
                        .get(DESCRIPTION)
                        .getAsString())
                .getAsJsonObject();
    }

    private static byte[] damaged(byte[] sound, Mutations mutations) {
        JsonObject description = description(sound);
        return switch (mutations.draw(4)) {
            case 0, 1 -> withDescription(sound, mutations.json(description).toString());
            case 2 -> withHeader(sound, mutations.json(header(sound)));
            default ->
                mutations.draw(2) == 0
                        ? mutations.bytes(sound)
                        : withDescription(
                                sound,
                                new String(
                                        mutations.bytes(description.toString().getBytes(StandardCharsets.ISO_8859_1)),
                                        StandardCharsets.ISO_8859_1));
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"chain", "graph", "module"})
    void everyOutcomeIsSuccessOrOneKindOfError(String kind) throws IOException {
        try (Device device = Devices.named("reference");
                Model same = network(kind).on(device).build()) {
            byte[] sound = sound(device, network(kind));
            long before = device.bytesInUse();
            List<Consumer<Path>> readers = List.of(
                    ModelFile::network,
                    ModelFile::metadata,
                    file -> ModelFile.loadWeights(same, file),
                    file -> load(device, file));
            int refused = 0;
            for (int seed = 0; seed < ROUNDS; seed++) {
                Path file = directory.resolve("damaged-" + kind + "-" + seed + ".safetensors");
                Files.write(file, damaged(sound, new Mutations(seed)));
                for (Consumer<Path> reader : readers) {
                    refused += read(reader, file) ? 0 : 1;
                }
                assertThat(device.bytesInUse()).isEqualTo(before);
            }
            assertThat(refused).isBetween(ROUNDS, ROUNDS * readers.size() - 1);
        }
    }

    private static void load(Device device, Path file) {
        try (Model model = ModelFile.load(device, file)) {
            assertThat(model.outputs()).isNotEmpty();
        }
    }

    /** True if there was nothing to complain about. */
    private static boolean read(Consumer<Path> reader, Path file) {
        try {
            reader.accept(file);
            return true;
        } catch (CheckpointException e) {
            assertThat(e)
                    .as(file.toString())
                    .hasMessageStartingWith("model " + file + ": ")
                    .hasMessageNotContainingAny("Exception", "\n", "null:");
            assertThat(e.getMessage())
                    .hasSizeLessThan(LONGEST_MESSAGE + file.toString().length());
            return false;
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            throw new AssertionError(file + " is read with " + e, e);
        }
    }

    /** {@code path = value}, and what is said about it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "layers.1 | null | layers[1] | layers[1]: expected an object, got null",
                "layers | {} | layers | layers: expected a list, got {}",
                "layers.3.name | null | layers[3].name | layers[3].name: expected a text, got null",
                "layers.3.options | [] | layers[3].options | layers[3].options: expected an object, got []",
                "layers.3.options.units | null | layers[3].options.units | layers[3].options.units: expected a text, a"
                        + " number, true, false or an object, got null",
                "layers.3.options.units | -1 | '' | layers[3]: units: expected at least 1, got -1",
                "layers.3.options.units | 2.5 | '' | layers[3]: Linear.units: expected an integer, got 2.5",
                "layers.3.options.units | \"1\" | '' | layers[3]: Linear.units: expected a number, got 1",
                "layers.3.options.biased | 1 | '' | layers[3]: Linear.biased: expected true or false, got 1",
                "layers.3.options.bias | \"none\" | '' | layers[3]: initializer: expected a name such as glorot_uniform or"
                        + " uniform(0.1), got 'none'",
                "layers.2.options.direction | \"up\" | '' | layers[2]: Lstm.direction: expected one of [FORWARD, REVERSE,"
                        + " BIDIRECTIONAL], got up",
                "inputs.input | null | inputs.input | inputs.input: expected an object, got null",
                "inputs.input.sequence | 0 | inputs.input.sequence | inputs.input.sequence: expected true or false, got 0",
                "inputs.input.dimensions.0 | 0 | inputs.input.dimensions[0] | inputs.input.dimensions[0]: expected a whole"
                        + " number of 1 to 2147483647, got 0",
                "format | 3 | format | format: expected 2, got 3",
                "steps | [] | outputs | outputs: is missing"
            })
    void theFieldIsNamed(String path, String value, String field, String problem) throws IOException {
        try (Device device = Devices.named("reference")) {
            byte[] sound = sound(device, network("chain"));
            JsonObject description = description(sound);
            set(description, new ArrayList<>(List.of(path.split("\\."))), JsonParser.parseString(value));
            Path file = directory.resolve("damaged.safetensors");
            Files.write(file, withDescription(sound, description.toString()));
            assertThatThrownBy(() -> ModelFile.network(file))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessage("model " + file + ": is damaged: " + problem)
                    .extracting(e -> ((FileException) e).field())
                    .isEqualTo(field);
        }
    }

    private static void set(JsonElement in, List<String> path, JsonElement value) {
        String first = path.remove(0);
        boolean last = path.isEmpty();
        if (in.isJsonArray()) {
            int index = Integer.parseInt(first);
            if (last) {
                in.getAsJsonArray().set(index, value);
            } else {
                set(in.getAsJsonArray().get(index), path, value);
            }
        } else if (last) {
            in.getAsJsonObject().add(first, value);
        } else {
            set(in.getAsJsonObject().get(first), path, value);
        }
    }

    @Test
    void theFilesOfTheTestAreSound() throws IOException {
        try (Device device = Devices.named("reference")) {
            for (String kind : new String[] {"chain", "graph", "module"}) {
                byte[] sound = sound(device, network(kind));
                Path file = directory.resolve(kind);
                Files.write(file, withDescription(sound, description(sound).toString()));
                assertThat(ModelFile.network(file).description())
                        .isEqualTo(network(kind).description());
            }
        }
    }
}
