package org.gatefold.exchange.keras;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.exchange.keras.KerasModel.Maker;

/**
 * The operations by which a functional model of Keras 3 lists how the masks of its layers follow from each other: tokens or features that
 * are not those left out, and what layers that join values make of several masks. They say nothing that the layers do not say themselves.
 * For one model.
 */
final class KerasMaskOperations {
    private static final Set<String> JOINING =
            Set.of("Any", "LogicalOr", "LogicalAnd", "ExpandDims", "Concatenate", "ConvertToTensor");

    /** What has no step to leave out. */
    private static final Set<String> FULL = Set.of("ZerosLike", "OnesLike");

    private final Map<String, JsonObject> operations = new HashMap<>();

    /** What is left out of the values of whom, by layers. */
    private final Map<Maker, Set<Double>> leftOut = new HashMap<>();

    /** What was found of masks, each of which many others may be made of. */
    private final Map<Maker, Boolean> own = new HashMap<>();

    KerasMaskOperations(JsonArray layers) {
        for (JsonElement one : layers) {
            JsonObject layer = one.getAsJsonObject();
            JsonObject config = layer.getAsJsonObject("config");
            String type = layer.get("class_name").getAsString();
            if (layer.has("module") && layer.get("module").getAsString().contains(".ops.")) {
                operations.put(layer.get("name").getAsString(), layer);
            } else if (type.equals("Embedding")
                    && config.has("mask_zero")
                    && config.get("mask_zero").getAsBoolean()) {
                leavesOut(layer, 0);
            } else if (type.equals("Masking")) {
                leavesOut(layer, config.get("mask_value").getAsDouble());
            }
        }
    }

    private void leavesOut(JsonObject layer, double value) {
        for (JsonElement call : layer.getAsJsonArray("inbound_nodes")) {
            if (call instanceof JsonObject node) {
                read(node).forEach(maker -> leftOut.computeIfAbsent(maker, of -> new HashSet<>())
                        .add(value));
            }
        }
    }

    private static List<Maker> read(JsonObject call) {
        List<Maker> makers = new ArrayList<>();
        KerasModel.tensors(call.get("args"), makers, 0);
        return makers;
    }

    /** @throws CheckpointException if a mask that the layer is told is not one that comes with its values */
    void require(String layer, List<Maker> masks) {
        for (Maker mask : masks) {
            if (!isOwn(mask, 0)) {
                throw new CheckpointException("layer '" + layer + "': is told a mask, made by '" + mask.layer()
                        + "'; expected those of Embedding and Masking alone");
            }
        }
    }

    /** Whether a mask leaves out no step: what stands side by side has one, in which values without a mask are ones. */
    boolean leavesOutNone(Maker mask) {
        return isFull(mask, 0);
    }

    private boolean isFull(Maker mask, int depth) {
        JsonObject operation = operations.get(mask.layer());
        if (operation == null || depth > 8) {
            return false;
        }
        String type = operation.get("class_name").getAsString();
        if (type.equals("OnesLike")) {
            return true;
        }
        JsonArray calls = operation.getAsJsonArray("inbound_nodes");
        return Set.of("Any", "Concatenate", "ConvertToTensor").contains(type)
                && mask.application() < calls.size()
                && calls.get(mask.application()) instanceof JsonObject call
                && read(call).stream().anyMatch(of -> isFull(of, depth + 1));
    }

    private boolean isOwn(Maker mask, int depth) {
        Boolean known = own.get(mask);
        if (known == null) {
            // Until it is known, lest it is made of itself.
            own.put(mask, false);
            known = follows(mask, depth);
            own.put(mask, known);
        }
        return known;
    }

    private boolean follows(Maker mask, int depth) {
        JsonObject operation = operations.get(mask.layer());
        if (operation == null || depth > 64) {
            return false;
        }
        String type = operation.get("class_name").getAsString();
        JsonArray calls = operation.getAsJsonArray("inbound_nodes");
        if (FULL.contains(type)) {
            return true;
        }
        if (mask.application() >= calls.size() || !(calls.get(mask.application()) instanceof JsonObject call)) {
            return false;
        }
        if (JOINING.contains(type)) {
            return read(call).stream().allMatch(of -> isOwn(of, depth + 1));
        }
        JsonArray arguments = call.getAsJsonArray("args");
        List<Maker> of = read(call);
        return type.equals("NotEqual")
                && of.size() == 1
                && arguments.size() == 2
                && arguments.get(1).isJsonPrimitive()
                && leftOut.getOrDefault(of.get(0), Set.of())
                        .contains(arguments.get(1).getAsDouble());
    }
}
