package org.gatefold.benchmarks.onnxruntime;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.Workload;

/**
 * The workload as an ONNX model with constant weights: input {@code x} and, if state is carried, {@code h0.l} and
 * {@code c0.l}; outputs {@code y} and per layer {@code hn.l} and {@code cn.l}, each {@code [D, B, H]}. Stateless.
 */
final class LstmModel {
    /** Canonical gates i, f, g, o in ONNX's order i, o, f, c. */
    private static final int[] GATES = {0, 3, 1, 2};

    private LstmModel() {}

    static byte[] of(Workload workload) {
        LayerShape shape = workload.shape();
        OnnxGraph graph = new OnnxGraph("lstm");
        long[] states = {shape.directions(), shape.batch(), shape.hiddenSize()};
        long[] sequence = {shape.steps(), shape.batch(), shape.outputSize()};
        graph.input("x", shape.steps(), shape.batch(), shape.inputSize());
        graph.constant("sequence", sequence);
        String input = "x";
        for (int layer = 0; layer < shape.layers(); layer++) {
            constants(graph, workload, layer);
            List<String> inputs = new ArrayList<>(List.of(input, "w." + layer, "r." + layer, "b." + layer));
            if (shape.carriesState()) {
                inputs.addAll(List.of("", "h0." + layer, "c0." + layer));
                graph.input("h0." + layer, states);
                graph.input("c0." + layer, states);
            }
            String steps = "steps." + layer;
            graph.node(
                    "LSTM",
                    inputs.toArray(String[]::new),
                    new String[] {steps, "hn." + layer, "cn." + layer},
                    OnnxGraph.attribute("hidden_size", shape.hiddenSize()),
                    OnnxGraph.attribute("direction", shape.directions() == 2 ? "bidirectional" : "forward"));
            graph.output("hn." + layer, states);
            graph.output("cn." + layer, states);
            String output = layer == shape.layers() - 1 ? "y" : "y." + layer;
            // ONNX has the direction before the batch; with one direction the reshape moves nothing.
            if (shape.directions() == 2) {
                graph.node(
                        "Transpose",
                        new String[] {steps},
                        new String[] {"transposed." + layer},
                        OnnxGraph.attribute("perm", 0, 2, 1, 3));
                steps = "transposed." + layer;
            }
            graph.node("Reshape", new String[] {steps, "sequence"}, new String[] {output});
            input = output;
        }
        graph.output("y", sequence);
        return graph.toModel();
    }

    private static void constants(OnnxGraph graph, Workload workload, int layer) {
        LayerShape shape = workload.shape();
        int hidden = shape.hiddenSize();
        int in = shape.layerInput(layer);
        int directions = shape.directions();
        float[] w = new float[directions * 4 * hidden * in];
        float[] r = new float[directions * 4 * hidden * hidden];
        // The second half of the bias, that of the recurrent product, stays zero.
        float[] b = new float[directions * 8 * hidden];
        for (int direction = 0; direction < directions; direction++) {
            reorder(workload.wx(layer, direction), w, direction * 4 * hidden * in, hidden * in);
            reorder(workload.wh(layer, direction), r, direction * 4 * hidden * hidden, hidden * hidden);
            reorder(workload.bias(layer, direction), b, direction * 8 * hidden, hidden);
        }
        graph.constant("w." + layer, w, directions, 4L * hidden, in);
        graph.constant("r." + layer, r, directions, 4L * hidden, hidden);
        graph.constant("b." + layer, b, directions, 8L * hidden);
    }

    private static void reorder(float[] canonical, float[] onnx, int offset, int gateSize) {
        for (int gate = 0; gate < GATES.length; gate++) {
            System.arraycopy(canonical, GATES[gate] * gateSize, onnx, offset + gate * gateSize, gateSize);
        }
    }
}
