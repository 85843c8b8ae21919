package org.gatefold.exchange.pytorch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.layer.Layer;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.form.TimeDistributed;
import org.gatefold.layer.recurrent.Bidirectional;
import org.gatefold.layer.recurrent.RecurrentLayer;
import org.gatefold.tensor.Shape;

/**
 * The weights of one module of PyTorch's as a layer has them: what they are called behind the module's name, and their shapes. Of a
 * recurrent layer there is a slot for each of the layers that it stacks. Immutable.
 *
 * @param layer that takes them, perhaps one within another
 * @param name of the layer of the network
 * @param within which of its modules, such as {@code layers.0.linear1}; empty if it is one
 * @param level which of the stacked layers
 * @param tensors shapes by PyTorch's names, such as {@code weight} or {@code weight_ih_l0}; those of level 0 for every level
 * @param parameters names of the parameters here in the same order, of several that stand one behind the other in one tensor there; empty
 *     for recurrent layers, whose biases are two there
 */
record Slot(
        Layer layer, String name, String within, int level, Map<String, Shape> tensors, List<List<String>> parameters) {
    private static final Map<String, Map<String, String>> NAMES = Map.of(
            "Linear", names("w", "weight", "b", "bias"),
            "Conv1d", names("w", "weight", "b", "bias"),
            "Conv2d", names("w", "weight", "b", "bias"),
            "Embedding", names("w", "weight"),
            "LayerNorm", names("gamma", "weight", "beta", "bias"),
            "GroupNorm", names("gamma", "weight", "beta", "bias"),
            "BatchNorm", names("gamma", "weight", "beta", "bias", "mean", "running_mean", "variance", "running_var"));

    private static final Set<String> ATTENTION =
            Set.of("MultiHeadAttention", "TransformerEncoderLayer", "TransformerEncoder");

    private static Map<String, String> names(String... pairs) {
        Map<String, String> names = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            names.put(pairs[i], pairs[i + 1]);
        }
        return names;
    }

    /**
     * The slots of all layers that have parameters, in order.
     *
     * @throws CheckpointException naming a layer that PyTorch has no module for
     */
    static List<Slot> of(List<Layer> layers, ParameterStore parameters) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        parameters.list().forEach(parameter -> shapes.put(parameter.name(), parameter.shape()));
        List<Slot> slots = new ArrayList<>();
        for (Layer layer : layers) {
            add(layer, layer.name(), layer.name(), shapes, slots);
        }
        return slots;
    }

    private static void add(Layer layer, String prefix, String name, Map<String, Shape> shapes, List<Slot> slots) {
        if (layer instanceof Bidirectional both && both.wrapped().size() == 1) {
            add(both.wrapped().get(0), prefix, name, shapes, slots);
        } else if (layer instanceof TimeDistributed each) {
            for (Layer inner : each.wrapped()) {
                String at = inner.name();
                add(inner, at, each.wrapped().size() == 1 ? name : at, shapes, slots);
            }
        } else if (layer instanceof RecurrentLayer<?>) {
            addRecurrent(layer, prefix, name, shapes, slots);
        } else if (ATTENTION.contains(layer.type())) {
            new Attentions(layer, shapes, slots).add(layer, prefix);
        } else if (NAMES.containsKey(layer.type())) {
            Slot slot = plain(layer, "", layer.type(), prefix, shapes);
            if (!slot.tensors().isEmpty()) {
                slots.add(new Slot(layer, name, "", 0, slot.tensors(), slot.parameters()));
            }
        } else if (shapes.keySet().stream().anyMatch(parameter -> parameter.startsWith(prefix + "."))) {
            throw new CheckpointException(
                    "layer '" + name + "': PyTorch has no module with the weights of " + layer.type());
        }
    }

    /** A module of a type that has its parameters one by one. */
    private static Slot plain(Layer layer, String within, String type, String prefix, Map<String, Shape> shapes) {
        Map<String, Shape> tensors = new LinkedHashMap<>();
        List<List<String>> owned = new ArrayList<>();
        NAMES.get(type).forEach((here, there) -> {
            Shape shape = shapes.get(prefix + "." + here);
            if (shape != null) {
                tensors.put(there, shape);
                owned.add(List.of(prefix + "." + here));
            }
        });
        return new Slot(layer, layer.name(), within, 0, tensors, owned);
    }

    /** The modules of attention and of what Transformers are made of, in PyTorch's order. */
    private record Attentions(Layer layer, Map<String, Shape> shapes, List<Slot> slots) {
        void add(Layer of, String prefix) {
            switch (of.type()) {
                case "MultiHeadAttention" -> attention("", prefix);
                case "TransformerEncoderLayer" -> encoderLayer("", prefix);
                default -> {
                    for (int i = 0; shapes.containsKey(prefix + "." + i + ".linear1.w"); i++) {
                        encoderLayer("layers." + i + ".", prefix + "." + i);
                    }
                    if (shapes.containsKey(prefix + ".norm.gamma")) {
                        slots.add(plain(layer, "norm", "LayerNorm", prefix + ".norm", shapes));
                    }
                }
            }
        }

        private void encoderLayer(String at, String prefix) {
            attention(at + "self_attn", prefix + ".attention");
            for (String map : List.of("linear1", "linear2")) {
                slots.add(plain(layer, at + map, "Linear", prefix + "." + map, shapes));
            }
            for (String norm : List.of("norm1", "norm2")) {
                slots.add(plain(layer, at + norm, "LayerNorm", prefix + "." + norm, shapes));
            }
        }

        private void attention(String at, String prefix) {
            Shape one = shapes.get(prefix + ".query.w");
            if (one.dim(0) != one.dim(1) || !shapes.containsKey(prefix + ".query.b")) {
                throw new CheckpointException("layer '" + layer.name()
                        + "': PyTorch's nn.MultiheadAttention has biases, and heads that share the features, "
                        + one.dim(1) + ", got " + one.dim(0)
                        + (shapes.containsKey(prefix + ".query.b") ? "" : " and no biases"));
            }
            Map<String, Shape> tensors = new LinkedHashMap<>();
            tensors.put("in_proj_weight", Shape.of(3 * one.dim(0), one.dim(1)));
            tensors.put("in_proj_bias", Shape.of(3 * one.dim(0)));
            slots.add(
                    new Slot(layer, layer.name(), at, 0, tensors, List.of(inputs(prefix, ".w"), inputs(prefix, ".b"))));
            slots.add(plain(layer, at.isEmpty() ? "out_proj" : at + ".out_proj", "Linear", prefix + ".output", shapes));
        }

        private static List<String> inputs(String prefix, String part) {
            return List.of(prefix + ".query" + part, prefix + ".key" + part, prefix + ".value" + part);
        }
    }

    private static void addRecurrent(
            Layer layer, String prefix, String name, Map<String, Shape> shapes, List<Slot> slots) {
        if (shapes.containsKey(prefix + ".h0")) {
            throw new CheckpointException("layer '" + name + "': PyTorch's modules learn no initial states");
        }
        for (int level = 0; ; level++) {
            Map<String, Shape> tensors = new LinkedHashMap<>();
            for (String direction : List.of(".forward.", ".reverse.")) {
                String at = prefix + "." + level + direction;
                Shape wx = shapes.get(at + "wx");
                if (wx != null) {
                    String end = tensors.isEmpty() ? "" : "_reverse";
                    tensors.put("weight_ih_l0" + end, wx);
                    tensors.put("weight_hh_l0" + end, shapes.get(at + "wh"));
                    if (shapes.containsKey(at + "b")) {
                        tensors.put("bias_ih_l0" + end, Shape.of(wx.dim(0)));
                        tensors.put("bias_hh_l0" + end, Shape.of(wx.dim(0)));
                    }
                    if (shapes.containsKey(at + "wr")) {
                        tensors.put("weight_hr_l0" + end, shapes.get(at + "wr"));
                    }
                }
            }
            if (tensors.isEmpty()) {
                return;
            }
            slots.add(new Slot(layer, name, "", level, tensors, List.of()));
        }
    }

    /** What PyTorch calls the module, if it calls the layer so. */
    String module(String layerName) {
        return within.isEmpty() ? layerName : layerName.isEmpty() ? within : layerName + "." + within;
    }

    boolean isRecurrent() {
        return parameters.isEmpty();
    }

    @Override
    public String toString() {
        return "layer '" + name + "' (" + layer.type() + ")" + (within.isEmpty() ? "" : ", " + within) + " with "
                + tensors;
    }
}
