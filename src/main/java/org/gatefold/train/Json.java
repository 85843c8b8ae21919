package org.gatefold.train;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import java.util.List;

/** How JSON is written here. Stateless. */
final class Json {
    private static final Gson COMPACT = new GsonBuilder().disableHtmlEscaping().create();
    private static final Gson PRETTY =
            new GsonBuilder().disableHtmlEscaping().setPrettyPrinting().create();

    private Json() {}

    static String compact(JsonElement element) {
        return COMPACT.toJson(element);
    }

    static String pretty(Object value) {
        return PRETTY.toJson(value);
    }

    static <V> V parse(String text, Class<V> type) {
        return COMPACT.fromJson(text, type);
    }

    static JsonArray array(List<? extends Number> numbers) {
        JsonArray array = new JsonArray();
        numbers.forEach(array::add);
        return array;
    }
}
