package org.gatefold.exchange.keras;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.gatefold.exchange.CheckpointException;

/**
 * The description of one layer of Keras', of Keras 2 or 3, with what is missing taken as Keras' default. Immutable.
 *
 * @param type its class, for instance {@code "LSTM"}
 * @param name its name within the model
 * @param values its configuration
 */
record KerasConfig(String type, String name, JsonObject values) {
    /** A layer as a model lists it. */
    static KerasConfig of(JsonObject layer) {
        JsonObject values = layer.getAsJsonObject("config");
        String name = values.has("name") ? values.get("name").getAsString() : "";
        return new KerasConfig(layer.get("class_name").getAsString(), name, values);
    }

    boolean has(String option) {
        return values.has(option) && !values.get(option).isJsonNull();
    }

    String text(String option, String usual) {
        if (!has(option)) {
            return usual;
        }
        JsonElement value = values.get(option);
        // Activations may be objects: {"class_name": "Activation", "config": "tanh"}, or {"class_name": "LeakyReLU",
        // "config": {…}}.
        if (value instanceof JsonObject object) {
            JsonElement config = object.get("config");
            return config != null && config.isJsonPrimitive()
                    ? config.getAsString()
                    : object.get("class_name").getAsString();
        }
        return value.getAsString();
    }

    boolean flag(String option, boolean usual) {
        return has(option) ? values.get(option).getAsBoolean() : usual;
    }

    float real(String option, float usual) {
        return has(option) ? values.get(option).getAsFloat() : usual;
    }

    int integer(String option) {
        if (!has(option)) {
            throw refused("lacks '" + option + "'");
        }
        return values.get(option).getAsInt();
    }

    /** A number, or one for each dimension. */
    List<Integer> integers(String option, int count, Integer usual) {
        List<Integer> list = new ArrayList<>();
        if (!has(option)) {
            if (usual == null) {
                return list;
            }
            for (int i = 0; i < count; i++) {
                list.add(usual);
            }
            return list;
        }
        JsonElement value = values.get(option);
        if (value instanceof JsonArray array) {
            array.forEach(one -> list.add(one.getAsInt()));
        } else {
            for (int i = 0; i < count; i++) {
                list.add(value.getAsInt());
            }
        }
        if (count > 0 && list.size() != count) {
            throw refused("expected " + count + " numbers for '" + option + "', got " + value);
        }
        return list;
    }

    /** The layer that this one wraps. */
    KerasConfig inner(String option) {
        return of(values.getAsJsonObject(option));
    }

    /** What Keras 3 calls the next layer of a class in files of weights: {@code simple_rnn}, {@code simple_rnn_1}. */
    static String numbered(String type, Map<String, Integer> counts) {
        String snake = type.replaceAll("\\W+", "")
                .replaceAll("(.)([A-Z][a-z]+)", "$1_$2")
                .replaceAll("([a-z])([A-Z])", "$1_$2")
                .toLowerCase(Locale.ROOT);
        int number = counts.merge(snake, 1, Integer::sum) - 1;
        return number == 0 ? snake : snake + "_" + number;
    }

    CheckpointException refused(String problem) {
        return new CheckpointException("layer '" + name + "' (" + type + "): " + problem);
    }
}
