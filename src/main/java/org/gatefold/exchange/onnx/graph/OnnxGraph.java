package org.gatefold.exchange.onnx.graph;

import java.util.List;
import java.util.Map;

/**
 * A graph as it stands in a file, free of the format's messages. Immutable by agreement.
 *
 * @param inputs what it is given, without its initialisers
 * @param outputs names of the values that it gives
 * @param nodes in an order in which each comes behind those that it reads
 * @param tensors its initialisers by name
 * @param opset version of the operators
 */
public record OnnxGraph(
        List<Input> inputs, List<String> outputs, List<OnnxNode> nodes, Map<String, OnnxTensor> tensors, int opset) {
    /** An unknown dimension without a name. */
    static final String UNNAMED = "";

    /**
     * An input.
     *
     * @param dimensions sizes as decimal numbers, names of sizes that are not fixed, or {@link #UNNAMED}
     */
    public record Input(String name, OnnxTensor.Type type, List<String> dimensions) {
        public Input {
            dimensions = List.copyOf(dimensions);
        }

        public int rank() {
            return dimensions.size();
        }

        /** The size of an axis; 0 if it is not fixed. */
        public int fixed(int axis) {
            String dimension = dimensions.get(axis);
            return dimension.isEmpty() || !Character.isDigit(dimension.charAt(0)) ? 0 : Integer.parseInt(dimension);
        }
    }
}
