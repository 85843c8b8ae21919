package org.gatefold.file;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** How JSON is written here. Stateless. */
public final class Json {
    private static final Gson COMPACT = new GsonBuilder()
            .disableHtmlEscaping()
            .serializeSpecialFloatingPointValues()
            .create();
    private static final Gson PRETTY = COMPACT.newBuilder().setPrettyPrinting().create();

    private Json() {}

    public static String compact(JsonElement element) {
        return COMPACT.toJson(element);
    }

    public static String pretty(Object value) {
        return PRETTY.toJson(value);
    }

    public static <V> V parse(String text, Class<V> type) {
        return COMPACT.fromJson(text, type);
    }

    /** A value as a tree; maps keep their order, numbers are as JSON has them. */
    public static JsonElement tree(Object value) {
        return COMPACT.fromJson(COMPACT.toJson(value), JsonElement.class);
    }

    /**
     * Where two trees differ first, in words, or null if they do not.
     *
     * @param path names the trees in the answer
     */
    public static String firstDifference(String path, JsonElement expected, JsonElement actual) {
        if (expected.isJsonObject() && actual.isJsonObject()) {
            Set<String> keys = new LinkedHashSet<>(expected.getAsJsonObject().keySet());
            keys.addAll(actual.getAsJsonObject().keySet());
            for (String key : keys) {
                JsonElement ours = expected.getAsJsonObject().get(key);
                JsonElement theirs = actual.getAsJsonObject().get(key);
                if (ours == null || theirs == null) {
                    return path + "." + key + ": expected " + ours + ", got " + theirs;
                }
                String difference = firstDifference(path + "." + key, ours, theirs);
                if (difference != null) {
                    return difference;
                }
            }
            return null;
        }
        if (expected.isJsonArray() && actual.isJsonArray()) {
            JsonArray ours = expected.getAsJsonArray();
            JsonArray theirs = actual.getAsJsonArray();
            for (int i = 0; i < Math.min(ours.size(), theirs.size()); i++) {
                String difference = firstDifference(path + "[" + i + "]", ours.get(i), theirs.get(i));
                if (difference != null) {
                    return difference;
                }
            }
            return ours.size() == theirs.size()
                    ? null
                    : path + ": expected " + ours.size() + " entries, got " + theirs.size();
        }
        return expected.equals(actual) ? null : path + ": expected " + expected + ", got " + actual;
    }

    static JsonArray array(List<? extends Number> numbers) {
        JsonArray array = new JsonArray();
        numbers.forEach(array::add);
        return array;
    }
}
