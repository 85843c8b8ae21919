package org.gatefold.exchange.onnx.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.gatefold.tensor.Form;

/**
 * A graph after all that follows from its initialisers alone has been computed: what a module is made of. It holds no
 * weights. Immutable by agreement.
 *
 * @param inputs in the order of the file, without those that nothing depends on
 * @param outputs in the order of the file
 * @param nodes in an order in which each comes behind those that it reads
 * @param constants by name, what is not learned
 * @param parameters shapes of what is learned, by name, without the weights of recurrent layers
 * @param states what a stream carries by inputs and outputs
 */
public record FoldedGraph(
        List<Port> inputs,
        List<Port> outputs,
        List<OnnxNode> nodes,
        Map<String, OnnxTensor> constants,
        Map<String, int[]> parameters,
        OnnxStates states) {
    /**
     * Where a value enters or leaves.
     *
     * @param name for the outside
     * @param value its name in the graph
     * @param type of its numbers
     * @param form of a batch outside: time-major where a sequence
     * @param axes of the value in the graph, in the order of the batch outside
     * @param fixed sizes of the value in the graph; 0 where open
     */
    public record Port(
            String name, String value, OnnxTensor.Type type, Form form, List<Integer> axes, List<Integer> fixed) {
        public Port {
            axes = List.copyOf(axes);
            fixed = List.copyOf(fixed);
        }

        /** Whether axes stand in another order outside. */
        public boolean isMoved() {
            for (int i = 0; i < axes.size(); i++) {
                if (axes.get(i) != i) {
                    return true;
                }
            }
            return false;
        }

        /** The order of the axes from outside to the graph. */
        public int[] inwards() {
            int[] order = new int[axes.size()];
            for (int i = 0; i < order.length; i++) {
                order[axes.get(i)] = i;
            }
            return order;
        }

        /** The order of the axes from the graph to outside. */
        public int[] outwards() {
            return axes.stream().mapToInt(Integer::intValue).toArray();
        }
    }

    /** All nodes, those in branches too. */
    public static List<OnnxNode> all(List<OnnxNode> nodes) {
        List<OnnxNode> found = new ArrayList<>();
        for (OnnxNode node : nodes) {
            found.add(node);
            for (Object attribute : node.attributes().values()) {
                if (attribute instanceof OnnxGraph branch) {
                    found.addAll(all(branch.nodes()));
                }
            }
        }
        return found;
    }
}
