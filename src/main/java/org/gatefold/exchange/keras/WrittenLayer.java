package org.gatefold.exchange.keras;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.gatefold.file.Json;
import org.gatefold.tensor.Shape;

/**
 * A layer of Keras 3 as it is to be written: class, name, configuration, weights by their paths below the layer, and the values that it is
 * applied to. Not thread-safe.
 */
final class WrittenLayer {
    private static final Set<String> RECURRENT = Set.of("LSTM", "GRU", "SimpleRNN", "Bidirectional");
    private static final Set<String> OF_LISTS =
            Set.of("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Attention");

    /**
     * A value that an application of a layer gives.
     *
     * @param output 0 for the layer's output, from 1 on the states behind it
     */
    record Value(WrittenLayer layer, int application, int output) {
        /** A state that the application ends with. */
        Value state(int number) {
            return new Value(layer, application, 1 + number);
        }

        /** The output of the application. */
        Value first() {
            return new Value(layer, application, 0);
        }
    }

    /** Weights as Keras shapes them, row-major. */
    static final class Array {
        private final Shape shape;
        private final float[] values;

        Array(Shape shape, float[] values) {
            this.shape = shape;
            this.values = values;
        }

        /** For the HDF5 library, which takes arrays of arrays. */
        Object nested() {
            return nested(0, 0);
        }

        private Object nested(int axis, int from) {
            if (axis == shape.rank() - 1) {
                return Arrays.copyOfRange(values, from, from + shape.dim(axis));
            }
            int size = 1;
            for (int inner = axis + 1; inner < shape.rank(); inner++) {
                size *= shape.dim(inner);
            }
            Object first = nested(axis + 1, from);
            Object all = java.lang.reflect.Array.newInstance(first.getClass(), shape.dim(axis));
            for (int i = 0; i < shape.dim(axis); i++) {
                java.lang.reflect.Array.set(all, i, i == 0 ? first : nested(axis + 1, from + i * size));
            }
            return all;
        }
    }

    private final String type;
    private final String name;
    private final JsonObject config = new JsonObject();
    private final Map<String, Array> arrays = new LinkedHashMap<>();
    private final JsonObject call = new JsonObject();
    private final List<List<Value>> applications = new ArrayList<>();

    /** How many of what each application reads are no initial states. */
    private final List<Integer> arguments = new ArrayList<>();

    WrittenLayer(String type, String name) {
        this.type = type;
        this.name = name;
        config.addProperty("name", name);
    }

    String type() {
        return type;
    }

    String name() {
        return name;
    }

    Map<String, Array> arrays() {
        return arrays;
    }

    /** What each application reads. */
    List<List<Value>> applications() {
        return applications;
    }

    WrittenLayer with(String option, JsonElement value) {
        config.add(option, value);
        return this;
    }

    WrittenLayer with(String option, String value) {
        return with(option, new JsonPrimitive(value));
    }

    WrittenLayer with(String option, boolean value) {
        return with(option, new JsonPrimitive(value));
    }

    WrittenLayer with(String option, Number value) {
        return with(option, new JsonPrimitive(value));
    }

    WrittenLayer with(String option, List<Integer> values) {
        JsonArray numbers = new JsonArray();
        values.forEach(numbers::add);
        return with(option, numbers);
    }

    /** Adds weights, at a path such as {@code "cell/vars/0"}. */
    WrittenLayer array(String path, Array array) {
        arrays.put(path, array);
        return this;
    }

    /** The layer in another, such as {@code TimeDistributed}, which has its weights below {@code part}. */
    WrittenLayer within(WrittenLayer outer, String option, String part) {
        arrays.forEach((path, array) -> outer.array(part + "/" + path, array));
        return outer.with(option, json());
    }

    /** Whether an option of the configuration is set. */
    boolean flag(String option) {
        return config.has(option) && config.get(option).getAsBoolean();
    }

    /** Adds an option of all calls. */
    WrittenLayer called(String option, boolean value) {
        call.addProperty(option, value);
        return this;
    }

    /** Applies the layer to values, one argument each, or all of them a list where the layer takes that. */
    Value applied(Value... of) {
        return applied(List.of(of), List.of());
    }

    /** Applies the layer to values and the states that it begins with. */
    Value applied(List<Value> of, List<Value> initial) {
        applications.add(Stream.concat(of.stream(), initial.stream()).toList());
        arguments.add(of.size());
        return new Value(this, applications.size() - 1, 0);
    }

    /** True for a layer that has states. */
    boolean isRecurrent() {
        return isRecurrent(type);
    }

    /** True for a class of Keras 3's that has states. */
    static boolean isRecurrent(String type) {
        return RECURRENT.contains(type);
    }

    /** Lets a layer that has states give them behind its output. */
    void returnStates() {
        JsonObject own =
                type.equals("Bidirectional") ? config.getAsJsonObject("layer").getAsJsonObject("config") : config;
        own.addProperty("return_state", true);
    }

    /** As Keras serialises a layer. */
    JsonObject json() {
        return Json.object(
                "module", "keras.layers", "class_name", type, "config", config, "registered_name", JsonNull.INSTANCE);
    }

    /** As a functional model lists it. */
    JsonObject listed() {
        JsonArray nodes = new JsonArray();
        for (int i = 0; i < applications.size(); i++) {
            List<Value> of = applications.get(i);
            if (of.isEmpty()) {
                continue;
            }
            JsonArray whole = tensors(of.subList(0, arguments.get(i)));
            if (OF_LISTS.contains(type)) {
                JsonArray list = whole;
                whole = new JsonArray();
                whole.add(list);
            }
            JsonObject options = call.deepCopy();
            if (of.size() > arguments.get(i)) {
                options.add("initial_state", tensors(of.subList(arguments.get(i), of.size())));
            }
            JsonObject node = new JsonObject();
            node.add("args", whole);
            node.add("kwargs", options);
            nodes.add(node);
        }
        JsonObject json = json();
        json.addProperty("name", name);
        json.add("inbound_nodes", nodes);
        return json;
    }

    private static JsonArray tensors(List<Value> values) {
        JsonArray tensors = new JsonArray();
        values.forEach(value -> tensors.add(tensor(value)));
        return tensors;
    }

    private static JsonObject tensor(Value value) {
        JsonObject config = new JsonObject();
        // Keras takes the shape from the layer that gives the value, and wants one here all the same.
        JsonArray open = new JsonArray();
        open.add(JsonNull.INSTANCE);
        config.add("shape", open);
        config.addProperty("dtype", "float32");
        config.add("keras_history", history(value));
        return Json.object("class_name", "__keras_tensor__", "config", config);
    }

    /** {@code ["name", 0, 0]}. */
    static JsonArray history(Value value) {
        JsonArray history = new JsonArray();
        history.add(value.layer().name());
        history.add(value.application());
        history.add(value.output());
        return history;
    }
}
