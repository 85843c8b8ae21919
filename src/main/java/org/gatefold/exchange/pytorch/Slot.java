package org.gatefold.exchange.pytorch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
 * @param level which of the stacked layers
 * @param tensors shapes by PyTorch's names, such as {@code weight} or {@code weight_ih_l0}; those of level 0 for every level
 * @param parameters names of the parameters here in the same order; empty for recurrent layers, whose biases are two there
 */
record Slot(Layer layer, String name, int level, Map<String, Shape> tensors, List<String> parameters) {
    private static final Map<String, Map<String, String>> NAMES = Map.of(
            "Linear", names("w", "weight", "b", "bias"),
            "Conv1d", names("w", "weight", "b", "bias"),
            "Conv2d", names("w", "weight", "b", "bias"),
            "Embedding", names("w", "weight"),
            "LayerNorm", names("gamma", "weight", "beta", "bias"),
            "GroupNorm", names("gamma", "weight", "beta", "bias"),
            "BatchNorm", names("gamma", "weight", "beta", "bias", "mean", "running_mean", "variance", "running_var"));

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
        } else if (NAMES.containsKey(layer.type())) {
            Map<String, Shape> tensors = new LinkedHashMap<>();
            List<String> owned = new ArrayList<>();
            NAMES.get(layer.type()).forEach((here, there) -> {
                Shape shape = shapes.get(prefix + "." + here);
                if (shape != null) {
                    tensors.put(there, shape);
                    owned.add(prefix + "." + here);
                }
            });
            if (!owned.isEmpty()) {
                slots.add(new Slot(layer, name, 0, tensors, owned));
            }
        } else if (shapes.keySet().stream().anyMatch(parameter -> parameter.startsWith(prefix + "."))) {
            throw new CheckpointException(
                    "layer '" + name + "': PyTorch has no module with the weights of " + layer.type());
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
            slots.add(new Slot(layer, name, level, tensors, List.of()));
        }
    }

    boolean isRecurrent() {
        return parameters.isEmpty();
    }

    @Override
    public String toString() {
        return "layer '" + name + "' (" + layer.type() + ") with " + tensors;
    }
}
