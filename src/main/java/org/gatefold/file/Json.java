package org.gatefold.file;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;

/** How JSON is written and compared here; what is read is checked by {@link JsonFields}. Stateless. */
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

    /**
     * The text of a file.
     *
     * @param mostBytes a longer file is refused before it is read
     * @throws FileException if the file is longer, or is not UTF-8
     * @throws IOException if it cannot be read
     */
    public static String text(Path file, int mostBytes) throws IOException {
        long size = Files.size(file);
        requireSize(file, size, mostBytes);
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(mostBytes + 1);
        }
        requireSize(file, bytes.length, mostBytes);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new FileException(file.toString(), "", "is not UTF-8", e);
        }
    }

    private static void requireSize(Path file, long size, long most) {
        if (size > most) {
            throw new FileException(
                    file.toString(),
                    "",
                    String.format(Locale.ROOT, "has %,d bytes; expected at most %,d", size, most),
                    null);
        }
    }

    public static <V> V parse(String text, Class<V> type) {
        return COMPACT.fromJson(text, type);
    }

    /** A value as a tree; maps keep their order, numbers are as JSON has them. */
    public static JsonElement tree(Object value) {
        return COMPACT.fromJson(COMPACT.toJson(value), JsonElement.class);
    }

    /** An object of names and their values: trees, texts, numbers, booleans, and null, in turns. */
    public static JsonObject object(Object... namesAndValues) {
        JsonObject object = new JsonObject();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            Object value = namesAndValues[i + 1];
            object.add(
                    (String) namesAndValues[i], value instanceof JsonElement tree ? tree : COMPACT.toJsonTree(value));
        }
        return object;
    }

    /** An object of one list, {@code {"NAME": [ELEMENT, …]}}, with what each value is in JSON. */
    public static <V> JsonObject list(
            String name, Collection<V> values, Function<? super V, ? extends JsonElement> element) {
        JsonArray list = new JsonArray();
        values.forEach(value -> list.add(element.apply(value)));
        return object(name, list);
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
