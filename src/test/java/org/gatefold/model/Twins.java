package org.gatefold.model;

import org.gatefold.layer.Layer;
import org.gatefold.tensor.Form;

/**
 * For tests: two inputs of a graph, {@code left} and {@code right}, read by one layer.
 *
 * @param input the input {@code left}
 * @param left what the layer makes of it
 * @param right what the layer makes of {@code right}
 */
public record Twins(Graph.Node input, Graph.Node left, Graph.Node right) {
    public static Twins of(Graph.Builder graph, int features, Layer reader) {
        Graph.Node left = graph.input("left", Form.sequences(features));
        Graph.Node right = graph.input("right", Form.sequences(features));
        return new Twins(left, graph.layer(reader, left), graph.layer(reader, right));
    }
}
