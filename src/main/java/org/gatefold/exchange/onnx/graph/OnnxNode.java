package org.gatefold.exchange.onnx.graph;

import java.util.List;
import java.util.Map;

/**
 * An operator in a graph.
 *
 * @param operator its name; of operators that stand for Gatefold's own layers those of {@link OnnxFolder}
 * @param name of the node, for messages; its first output where it has none
 * @param inputs names of values; empty where an optional one is left out
 * @param outputs names of values; empty where nobody asks for it
 * @param attributes {@link Long}, {@link Float}, {@link String}, {@code long[]}, {@code float[]}, {@code List<String>}, {@link
 *     OnnxTensor} or {@link OnnxGraph}
 */
public record OnnxNode(
        String operator, String name, List<String> inputs, List<String> outputs, Map<String, Object> attributes) {
    public OnnxNode {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        attributes = Map.copyOf(attributes);
    }

    /** The input of a number; empty if it is left out. */
    public String input(int index) {
        return index < inputs.size() ? inputs.get(index) : "";
    }

    public boolean has(String attribute) {
        return attributes.containsKey(attribute);
    }

    public int integer(String attribute, int usual) {
        return Math.toIntExact(value(attribute, Long.class, "a whole number", (long) usual));
    }

    public float real(String attribute, float usual) {
        return value(attribute, Float.class, "a number", usual);
    }

    public String text(String attribute, String usual) {
        return value(attribute, String.class, "a string", usual);
    }

    /** Whole numbers; null if the attribute is left out. */
    public int[] integers(String attribute) {
        long[] longs = value(attribute, long[].class, "whole numbers", null);
        return longs == null ? null : OnnxTensor.of(longs, longs.length).ints();
    }

    private <T> T value(String attribute, Class<T> type, String expected, T usual) {
        Object value = attributes.get(attribute);
        if (value == null) {
            return usual;
        }
        if (!type.isInstance(value)) {
            throw wrong(attribute, expected, value);
        }
        return type.cast(value);
    }

    public OnnxGraph graph(String attribute) {
        if (attributes.get(attribute) instanceof OnnxGraph graph) {
            return graph;
        }
        throw wrong(attribute, "a graph", attributes.get(attribute));
    }

    private IllegalArgumentException wrong(String attribute, String expected, Object value) {
        return new IllegalArgumentException(attribute + ": expected " + expected + ", got "
                + (value == null ? "nothing" : value.getClass().getSimpleName()));
    }

    /** For messages. */
    public String label() {
        return "node '" + name + "' (operator " + operator + ")";
    }
}
