package org.gatefold.exchange;

import com.google.errorprone.annotations.MustBeClosed;
import com.google.gson.JsonElement;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.gatefold.device.Device;
import org.gatefold.file.AtomicFile;
import org.gatefold.file.FileException;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.layer.LayerDescription;
import org.gatefold.model.GraphDescription;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.model.NetworkDescription;
import org.gatefold.tensor.Form;

/**
 * Networks without weights as JSON: whole descriptions, {@link NetworkJson}, and such that a person writes, of layers one after the other with
 * what is not as usual about them.
 */
public final class NetworkFormat implements ModelFormat {
    private static final String ENDING = ".json";
    private static final int MOST_BYTES = 4 << 20;
    private static final int MOST_LAYERS = 10_000;

    @Override
    public String name() {
        return "network";
    }

    @Override
    public String title() {
        return "a description of a network";
    }

    @Override
    public List<String> endings() {
        return List.of(ENDING);
    }

    @Override
    public boolean recognises(Path file, byte[] head) {
        return String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT).endsWith(ENDING)
                && new String(head, StandardCharsets.UTF_8).strip().startsWith("{");
    }

    @Override
    public Network network(Path file) {
        return OptionalLibrary.with("", file, () -> {
            JsonFields json = JsonFields.read(file, MOST_BYTES);
            NetworkDescription description = json.has("format") ? NetworkJson.read(json) : written(json);
            try {
                return Network.of(description);
            } catch (IllegalArgumentException e) {
                throw new FileException(file.toString(), "", e.getMessage(), e);
            }
        });
    }

    private static NetworkDescription written(JsonFields json) {
        for (String field : json.names()) {
            if (!field.equals("input") && !field.equals("layers")) {
                throw json.wrong(field, "expected input and layers alone", null);
            }
        }
        List<LayerDescription> layers = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (JsonFields layer : json.list("layers", MOST_LAYERS)) {
            String usual = layer.text("type").toLowerCase(Locale.ROOT);
            String name = layer.has("name") ? layer.text("name") : unused(usual, names);
            if (!names.add(name)) {
                throw layer.wrong("name", "expected another for each layer, got '" + name + "' twice", null);
            }
            layers.add(LayerTemplates.described(layer, name));
        }
        return GraphDescription.chain(form(json), layers);
    }

    private static String unused(String name, Set<String> names) {
        int number = 1;
        while (names.contains(name + (number == 1 ? "" : number))) {
            number++;
        }
        return name + (number == 1 ? "" : number);
    }

    /** A word, or how many features steps have, or the dimensions of rows. */
    private static Form form(JsonFields json) {
        JsonElement input = json.tree().get("input");
        if (input != null && input.isJsonPrimitive()) {
            String word = json.text("input");
            return switch (word) {
                case "tokens" -> Form.tokens();
                case "ids" -> Form.ids();
                default ->
                    throw json.wrong("input", "expected tokens, ids, sequences or rows, got '" + word + "'", null);
            };
        }
        JsonFields fields = json.fields("input");
        String kind = fields.has("sequences") ? "sequences" : "rows";
        int[] dimensions = fields.integers(kind, 1, Integer.MAX_VALUE).stream()
                .mapToInt(Integer::intValue)
                .toArray();
        return kind.equals("rows") ? Form.rows(dimensions) : Form.sequences(dimensions);
    }

    @Override
    @MustBeClosed
    public Model load(Device device, Path file) {
        throw new CheckpointException(
                file + ": " + title() + " holds no weights; it says which layers take those of another file");
    }

    /** The whole description. */
    @Override
    public void save(Model model, Path file, Map<String, String> metadata) {
        String text = Json.pretty(NetworkJson.writeReadable(
                        "network " + file, model.network().description()))
                + "\n";
        try {
            AtomicFile.write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new CheckpointException(file + ": cannot be written: " + FileException.reason(e), e);
        }
    }
}
