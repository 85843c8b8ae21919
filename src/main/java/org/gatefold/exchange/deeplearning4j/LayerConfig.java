package org.gatefold.exchange.deeplearning4j;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.gatefold.exchange.CheckpointException;

/**
 * The description of one layer, vertex or function of Deeplearning4j's. Immutable.
 *
 * @param type its class without package, for instance {@code "LSTM"}; as old releases call it, for instance {@code "gravesLSTM"}
 * @param name within the model, for messages
 * @param values what is said of it
 */
record LayerConfig(String type, String name, JsonObject values) {
    private static final String CLASS = "@class";

    /** Something whose class is a field of it, or, in releases before 1.0.0-beta, the name of its only field. */
    static LayerConfig of(JsonElement json, String name) {
        if (json == null || !json.isJsonObject()) {
            throw new CheckpointException("'" + name + "': expected a description, got " + json);
        }
        JsonObject object = json.getAsJsonObject();
        if (object.has(CLASS)) {
            String type = object.get(CLASS).getAsString();
            return new LayerConfig(
                    type.substring(Math.max(type.lastIndexOf('.'), type.lastIndexOf('$')) + 1), name, object);
        }
        Map.Entry<String, JsonElement> only =
                object.size() == 1 ? object.entrySet().iterator().next() : null;
        if (only == null || !only.getValue().isJsonObject()) {
            throw new CheckpointException(
                    "'" + name + "': expected a description with '" + CLASS + "', got fields " + object.keySet());
        }
        return new LayerConfig(only.getKey(), name, only.getValue().getAsJsonObject());
    }

    /** The class in lower case, without what its name ends in for all of its kind. */
    String kind() {
        String kind = type.toLowerCase(Locale.ROOT);
        for (String ending : List.of("layer", "preprocessor", "vertex")) {
            kind = kind.endsWith(ending) ? kind.substring(0, kind.length() - ending.length()) : kind;
        }
        return kind;
    }

    boolean has(String option) {
        return values.has(option) && !values.get(option).isJsonNull();
    }

    String text(String option, String usual) {
        return has(option) ? values.get(option).getAsString() : usual;
    }

    boolean flag(String option, boolean usual) {
        return has(option) ? values.get(option).getAsBoolean() : usual;
    }

    double real(String option, double usual) {
        return has(option) ? values.get(option).getAsDouble() : usual;
    }

    int integer(String option) {
        if (!has(option)) {
            throw refused("lacks '" + option + "'");
        }
        return values.get(option).getAsInt();
    }

    /** A size of at least 1. */
    int size(String option) {
        int size = integer(option);
        if (size < 1) {
            throw refused("expected " + option + " of at least 1, got " + size);
        }
        return size;
    }

    List<Integer> integers(String option, int count, int usual) {
        List<Integer> list = new ArrayList<>();
        if (values.get(option) instanceof JsonArray array) {
            array.forEach(one -> list.add(one.getAsInt()));
        } else {
            for (int i = 0; i < count; i++) {
                list.add(has(option) ? values.get(option).getAsInt() : usual);
            }
        }
        if (list.size() < count) {
            throw refused("expected " + count + " numbers for '" + option + "', got " + list);
        }
        return list;
    }

    /** What this one wraps; named as this. */
    LayerConfig inner(String option) {
        return of(values.get(option), name);
    }

    CheckpointException refused(String problem) {
        return new CheckpointException("'" + name + "' (" + type + "): " + problem);
    }
}
