package org.gatefold.exchange.onnx;

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
record OnnxNode(
        String operator, String name, List<String> inputs, List<String> outputs, Map<String, Object> attributes) {
    OnnxNode {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        attributes = Map.copyOf(attributes);
    }

    /** The input of a number; empty if it is left out. */
    String input(int index) {
        return index < inputs.size() ? inputs.get(index) : "";
    }

    boolean has(String attribute) {
        return attributes.containsKey(attribute);
    }

    int integer(String attribute, int usual) {
        Object value = attributes.get(attribute);
        if (value == null) {
            return usual;
        }
        if (value instanceof Long whole) {
            return Math.toIntExact(whole);
        }
        throw wrong(attribute, "a whole number", value);
    }

    float real(String attribute, float usual) {
        Object value = attributes.get(attribute);
        if (value == null) {
            return usual;
        }
        if (value instanceof Float real) {
            return real;
        }
        throw wrong(attribute, "a number", value);
    }

    String text(String attribute, String usual) {
        Object value = attributes.get(attribute);
        if (value == null) {
            return usual;
        }
        if (value instanceof String text) {
            return text;
        }
        throw wrong(attribute, "a string", value);
    }

    /** Whole numbers; null if the attribute is left out. */
    int[] integers(String attribute) {
        Object value = attributes.get(attribute);
        if (value == null) {
            return null;
        }
        if (value instanceof long[] longs) {
            return OnnxTensor.of(longs, longs.length).ints();
        }
        throw wrong(attribute, "whole numbers", value);
    }

    OnnxGraph graph(String attribute) {
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
    String label() {
        return "node '" + name + "' (operator " + operator + ")";
    }
}
