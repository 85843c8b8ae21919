package org.gatefold.exchange.onnx.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.layer.recurrent.Gru;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.layer.recurrent.RecurrentLayer;
import org.gatefold.layer.recurrent.Rnn;
import org.gatefold.layer.recurrent.WeightLayout;
import org.gatefold.op.recurrent.CellActivations;
import org.gatefold.op.recurrent.GateActivation;
import org.gatefold.op.recurrent.GateActivation.Kind;

/**
 * An LSTM, GRU or RNN operator: its attributes, the layer that they describe, and its weights.
 *
 * @param attributes as of the node that stands for it
 * @param weights W, R, B and P as far as there are any
 */
public record RecurrentNode(Map<String, Object> attributes, List<OnnxTensor> weights) {
    /** Reads the operator's attributes and known weights. */
    static RecurrentNode of(OnnxNode node, Map<String, OnnxTensor> known) {
        OnnxTensor w = weights(node, known, 1, 3);
        OnnxTensor r = weights(node, known, 2, 3);
        OnnxTensor b = weights(node, known, 3, 2);
        OnnxTensor p = node.operator().equals("LSTM") ? weights(node, known, 7, 2) : null;
        if (w == null || r == null) {
            throw new IllegalArgumentException("W, R: expected weights, got none");
        }
        int gates =
                switch (node.operator()) {
                    case "LSTM" -> 4;
                    case "GRU" -> 3;
                    default -> 1;
                };
        int size = node.integer("hidden_size", r.dims()[2]);
        int directions = node.text("direction", "forward").equals("bidirectional") ? 2 : 1;
        int features = w.dims()[2];
        requireDims("W", w, directions, gates * size, features);
        requireDims("R", r, directions, gates * size, size);
        List<OnnxTensor> weights = new ArrayList<>(List.of(w, r));
        Map<String, Object> attributes = new HashMap<>(node.attributes());
        attributes.put("hidden_size", (long) size);
        attributes.put("kind", node.operator());
        attributes.put("features", (long) features);
        if (b != null) {
            requireDims("B", b, directions, 2 * gates * size);
            attributes.put("biased", 1L);
        }
        weights.add(b == null ? OnnxTensor.of(new float[0], 0) : b);
        if (p != null) {
            requireDims("P", p, directions, 3 * size);
            attributes.put("peepholes", 1L);
            weights.add(p);
        }
        return new RecurrentNode(attributes, weights);
    }

    private static OnnxTensor weights(OnnxNode node, Map<String, OnnxTensor> known, int input, int rank) {
        String name = node.input(input);
        OnnxTensor tensor = known.get(name);
        if (!name.isEmpty() && (tensor == null || tensor.rank() != rank || !tensor.isFloat())) {
            throw new IllegalArgumentException("inputs: expected number " + input + " to be weights with " + rank
                    + " dimensions, got " + (tensor == null ? "'" + name + "', which depends on inputs" : tensor));
        }
        return tensor;
    }

    private static void requireDims(String what, OnnxTensor tensor, int... dims) {
        if (!java.util.Arrays.equals(tensor.dims(), dims)) {
            throw new IllegalArgumentException(what + ": expected " + OnnxTensor.text(dims) + ", got " + tensor);
        }
    }

    /** Whether another node has the same attributes and weights, as both branches of a condition have. */
    boolean sameAs(RecurrentNode other) {
        if (!OnnxGraphText.write(attributes).equals(OnnxGraphText.write(other.attributes))
                || weights.size() != other.weights.size()) {
            return false;
        }
        for (int i = 0; i < weights.size(); i++) {
            if (!weights.get(i).sameAs(other.weights.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** The node that stands for the operator: inputs x, lengths, first h, first c. */
    OnnxNode node(OnnxNode operator, String layer) {
        Map<String, Object> all = new HashMap<>(attributes);
        all.put("layer", layer);
        List<String> inputs = List.of(operator.input(0), operator.input(4), operator.input(5), operator.input(6));
        return new OnnxNode(OnnxFolder.RECURRENT, operator.name(), inputs, operator.outputs(), all);
    }

    /** Writes the weights to the layer. */
    public void writeTo(RecurrentLayer<?> layer) {
        layer.setWeights(
                WeightLayout.ONNX, weights.stream().map(OnnxTensor::floats).toArray(float[][]::new));
    }

    /**
     * The layer that a node stands for, not built yet.
     *
     * @throws IllegalArgumentException naming the attribute that no layer has
     */
    public static RecurrentLayer<?> layer(OnnxNode node) {
        int size = node.integer("hidden_size", 0);
        RecurrentLayer<?> layer =
                switch (node.text("kind", "")) {
                    case "LSTM" -> lstm(node, size);
                    case "GRU" ->
                        node.integer("linear_before_reset", 0) != 0
                                ? Gru.of(size)
                                : Gru.of(size).resetBefore();
                    default -> Rnn.of(size);
                };
        layer.returnSequences().named(node.text("layer", ""));
        layer.gateClip(node.real("clip", 0f));
        if (node.integer("biased", 0) == 0) {
            layer.withoutBias();
        }
        switch (node.text("direction", "forward")) {
            case "forward" -> {}
            case "reverse" -> layer.reverse();
            case "bidirectional" -> layer.bidirectional();
            default ->
                throw new IllegalArgumentException(
                        "direction: expected forward, reverse or bidirectional, got " + node.text("direction", ""));
        }
        CellActivations[] activations = activations(node);
        if (activations.length > 0) {
            layer.activations(activations);
        }
        return layer;
    }

    private static Lstm lstm(OnnxNode node, int size) {
        Lstm lstm = Lstm.of(size).forgetBias(0f);
        if (node.integer("peepholes", 0) != 0) {
            lstm.peepholes();
        }
        return node.integer("input_forget", 0) != 0 ? lstm.coupledGates() : lstm;
    }

    private static CellActivations[] activations(OnnxNode node) {
        if (!(node.attributes().get("activations") instanceof List<?> names) || names.isEmpty()) {
            return new CellActivations[0];
        }
        int directions = node.text("direction", "forward").equals("bidirectional") ? 2 : 1;
        int places =
                switch (node.text("kind", "")) {
                    case "LSTM" -> 3;
                    case "GRU" -> 2;
                    default -> 1;
                };
        if (names.size() != places * directions) {
            throw new IllegalArgumentException("activations: expected " + places * directions + ", got " + names);
        }
        Numbers alphas = new Numbers(node.attributes().get("activation_alpha"));
        Numbers betas = new Numbers(node.attributes().get("activation_beta"));
        CellActivations[] each = new CellActivations[directions];
        for (int d = 0; d < directions; d++) {
            List<GateActivation> of = new ArrayList<>();
            for (int i = 0; i < places; i++) {
                of.add(activation(String.valueOf(names.get(d * places + i)), alphas, betas));
            }
            each[d] = switch (places) {
                case 3 -> new CellActivations(of.get(0), of.get(1), of.get(2));
                case 2 -> new CellActivations(of.get(0), of.get(1), GateActivation.TANH);
                default -> new CellActivations(GateActivation.SIGMOID, of.get(0), GateActivation.TANH);
            };
        }
        return each;
    }

    /** Numbers that are taken one after the other by the functions that have such a one. */
    private static final class Numbers {
        private final float[] values;
        private int next;

        Numbers(Object attribute) {
            values = attribute instanceof float[] given ? given : new float[0];
        }

        float next(float usual) {
            return next < values.length ? values[next++] : usual;
        }
    }

    private static GateActivation activation(String name, Numbers alphas, Numbers betas) {
        return switch (name.toLowerCase(java.util.Locale.ROOT)) {
            case "sigmoid" -> GateActivation.SIGMOID;
            case "tanh" -> GateActivation.TANH;
            case "relu" -> GateActivation.RELU;
            case "softsign" -> GateActivation.SOFTSIGN;
            case "softplus" -> GateActivation.SOFTPLUS;
            case "affine" -> new GateActivation(Kind.AFFINE, alphas.next(1f), betas.next(0f));
            case "scaledtanh" -> new GateActivation(Kind.SCALED_TANH, alphas.next(1f), betas.next(1f));
            case "hardsigmoid" -> new GateActivation(Kind.HARD_SIGMOID, alphas.next(0.2f), betas.next(0.5f));
            case "leakyrelu" -> new GateActivation(Kind.LEAKY_RELU, alphas.next(0.01f), 0f);
            case "thresholdedrelu" -> new GateActivation(Kind.THRESHOLDED_RELU, alphas.next(1f), 0f);
            case "elu" -> new GateActivation(Kind.ELU, alphas.next(1f), 0f);
            default -> throw new IllegalArgumentException("activations: '" + name + "' is not known");
        };
    }
}
