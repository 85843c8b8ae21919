package org.gatefold.file;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A JSON object of a file, whose fields are checked as they are read: what is missing, of another kind or out of range is a
 * {@link FileException} that names file and field. Immutable.
 */
public final class JsonFields {
    private static final int SHOWN = 60;
    private static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,18}");

    private final String file;
    private final String path;
    private final JsonObject object;

    private JsonFields(String file, String path, JsonObject object) {
        this.file = file;
        this.path = path;
        this.object = object;
    }

    /**
     * Reads a text that is one JSON object.
     *
     * @param file names the file in messages
     */
    public static JsonFields parse(String file, String text) {
        JsonElement root;
        try {
            root = Json.parse(text, JsonElement.class);
        } catch (JsonParseException e) {
            Throwable inner = e.getCause() == null ? e : e.getCause(); // whose message the other repeats with its class
            throw new FileException(file, "", "is no JSON: " + FileException.reason(inner), e);
        }
        return of(file, root);
    }

    /**
     * Reads a file that is one JSON object.
     *
     * @param mostBytes a longer file is refused before it is read
     * @throws IOException if it cannot be read
     */
    public static JsonFields read(Path file, int mostBytes) throws IOException {
        return parse(file.toString(), Json.text(file, mostBytes));
    }

    /**
     * A tree that was read already.
     *
     * @param file names the file in messages
     */
    public static JsonFields of(String file, JsonElement root) {
        if (root == null || !root.isJsonObject()) {
            throw new FileException(file, "", "expected a JSON object, got " + shown(root), null);
        }
        return new JsonFields(file, "", root.getAsJsonObject());
    }

    /** The object itself. */
    public JsonObject tree() {
        return object;
    }

    /** The names of the fields. */
    public List<String> names() {
        return List.copyOf(object.keySet());
    }

    /** True if there is a field of this name, be it null. */
    public boolean has(String name) {
        return object.has(name);
    }

    /** True if there is a field of this name, and it is null. */
    public boolean isNull(String name) {
        return required(name).isJsonNull();
    }

    /** A whole number within bounds. */
    public int integer(String name, int least, int most) {
        return (int) whole(name, least, most);
    }

    /** A whole number within bounds. */
    public long whole(String name, long least, long most) {
        return whole(name, required(name), least, most);
    }

    private long whole(String name, JsonElement value, long least, long most) {
        String expected = "a whole number of " + least + " to " + most;
        if (!isNumber(value)) {
            throw wrong(name, expected, value);
        }
        long number;
        try {
            number = Long.parseLong(value.getAsString());
        } catch (NumberFormatException e) {
            throw wrong(name, expected, value);
        }
        if (number < least || number > most) {
            throw wrong(name, expected, value);
        }
        return number;
    }

    /** A finite number of at least {@code least}. */
    public double number(String name, double least) {
        double number = number(name, required(name), "a finite number");
        if (!Double.isFinite(number) || number < least) {
            throw wrong(name, "a finite number of at least " + least, required(name));
        }
        return number;
    }

    /** A finite number that fits a float, above {@code bound}. */
    public float floatAbove(String name, float bound) {
        float number = (float) number(name, required(name), "a finite number");
        if (!(number > bound) || Float.isInfinite(number)) {
            throw wrong(name, "a finite number above " + bound, required(name));
        }
        return number;
    }

    public boolean flag(String name) {
        JsonElement value = required(name);
        if (value.isJsonPrimitive() && value.getAsJsonPrimitive().isBoolean()) {
            return value.getAsBoolean();
        }
        throw wrong(name, "true or false", value);
    }

    public String text(String name) {
        return text(name, required(name));
    }

    private String text(String name, JsonElement value) {
        if (value.isJsonPrimitive() && value.getAsJsonPrimitive().isString()) {
            return value.getAsString();
        }
        throw wrong(name, "a text", value);
    }

    /** An object within this one. */
    public JsonFields fields(String name) {
        return fields(name, required(name));
    }

    private JsonFields fields(String name, JsonElement value) {
        if (!value.isJsonObject()) {
            throw wrong(name, "an object", value);
        }
        return new JsonFields(file, at(name), value.getAsJsonObject());
    }

    /** The objects of a list. */
    public List<JsonFields> list(String name) {
        List<JsonFields> list = new ArrayList<>();
        JsonArray array = array(name);
        for (int i = 0; i < array.size(); i++) {
            list.add(fields(name + "[" + i + "]", array.get(i)));
        }
        return list;
    }

    /** The objects of a list that has so many. */
    public List<JsonFields> listOf(int count, String name) {
        List<JsonFields> list = list(name);
        if (list.size() != count) {
            throw wrong(name, "expected " + count + " of them, got " + list.size(), (Throwable) null);
        }
        return list;
    }

    /** The objects of a list that has at most so many. */
    public List<JsonFields> list(String name, int most) {
        int count = array(name).size();
        if (count > most) {
            throw wrong(
                    name, String.format(Locale.ROOT, "expected at most %,d, got %,d", most, count), (Throwable) null);
        }
        return list(name);
    }

    /** The texts of a list. */
    public List<String> textList(String name) {
        List<String> list = new ArrayList<>();
        JsonArray array = array(name);
        for (int i = 0; i < array.size(); i++) {
            list.add(text(name + "[" + i + "]", array.get(i)));
        }
        return list;
    }

    /** The whole numbers of a list, each within bounds. */
    public List<Integer> integers(String name, int least, int most) {
        List<Integer> list = new ArrayList<>();
        JsonArray array = array(name);
        for (int i = 0; i < array.size(); i++) {
            list.add((int) whole(name + "[" + i + "]", array.get(i), least, most));
        }
        return list;
    }

    private JsonArray array(String name) {
        JsonElement value = required(name);
        if (!value.isJsonArray()) {
            throw wrong(name, "a list", value);
        }
        return value.getAsJsonArray();
    }

    /** All fields, each a text. */
    public Map<String, String> texts() {
        Map<String, String> texts = new LinkedHashMap<>();
        object.entrySet().forEach(entry -> texts.put(entry.getKey(), text(entry.getKey(), entry.getValue())));
        return texts;
    }

    /** All fields, each a number, which need not be finite. */
    public Map<String, Double> numbers() {
        Map<String, Double> numbers = new LinkedHashMap<>();
        object.entrySet()
                .forEach(entry -> numbers.put(entry.getKey(), number(entry.getKey(), entry.getValue(), "a number")));
        return numbers;
    }

    /** All fields as plain values: texts, numbers, booleans, and maps of such. */
    public Map<String, Object> values() {
        Map<String, Object> values = new LinkedHashMap<>();
        object.entrySet().forEach(entry -> values.put(entry.getKey(), value(entry.getKey(), entry.getValue())));
        return values;
    }

    private Object value(String name, JsonElement value) {
        if (value.isJsonObject()) {
            return fields(name, value).values();
        }
        if (value instanceof JsonPrimitive primitive) {
            if (primitive.isBoolean()) {
                return primitive.getAsBoolean();
            }
            String text = primitive.getAsString();
            if (!isNumber(value)) {
                return text;
            }
            return WHOLE.matcher(text).matches()
                    ? (Object) Long.valueOf(text)
                    : (Object) number(name, value, "a number");
        }
        throw wrong(name, "a text, a number, true, false or an object", value);
    }

    /** JSON has no other numbers than finite ones; ours are written as NaN, Infinity and -Infinity, as Java reads them. */
    private double number(String name, JsonElement value, String expected) {
        if (isNumber(value)) {
            return Double.parseDouble(value.getAsString());
        }
        String text = value.isJsonPrimitive() ? value.getAsString() : "";
        return switch (text) {
            case "NaN" -> Double.NaN;
            case "Infinity" -> Double.POSITIVE_INFINITY;
            case "-Infinity" -> Double.NEGATIVE_INFINITY;
            default -> throw wrong(name, expected, value);
        };
    }

    private static boolean isNumber(JsonElement value) {
        return value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber();
    }

    private JsonElement required(String name) {
        JsonElement value = object.get(name);
        if (value == null) {
            throw new FileException(file, at(name), "is missing", null);
        }
        return value;
    }

    /** The complaint about a field. */
    public FileException wrong(String name, String problem, Throwable cause) {
        return new FileException(file, at(name), problem, cause);
    }

    private FileException wrong(String name, String expected, JsonElement actual) {
        return wrong(name, "expected " + expected + ", got " + shown(actual), (Throwable) null);
    }

    private String at(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    private static String shown(JsonElement value) {
        String text = value == null ? "nothing" : Json.compact(value);
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }
}
