package org.gatefold.exchange.keras;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.gatefold.exchange.CheckpointException;

/**
 * What the description of a Sequential or functional model of Keras' says: its layers, of which some may be models themselves, and what each
 * application of one reads. Immutable.
 */
final class KerasModel {
    private static final int MOST_LAYERS = 10_000;

    /** What attention with several heads reads, in its order. */
    private static final List<String> ATTENDED = List.of("query", "value", "key");

    private static final String MASK = "mask";

    private static final Set<String> TYPES = Set.of("Sequential", "Functional", "Model");

    /** What the first layer of a Sequential model reads. */
    private static final Maker GIVEN = new Maker("", 0, 0);

    private final JsonObject description;
    private final Map<String, KerasConfig> layers = new LinkedHashMap<>();
    private final List<Maker> inputs = new ArrayList<>();
    private final List<Maker> outputs = new ArrayList<>();
    private final Map<Maker, List<Maker>> applications = new LinkedHashMap<>();
    private final Map<Maker, Boolean> toldMasks = new HashMap<>();

    /** Who makes a value: a layer, which of its applications, and which of its outputs. */
    record Maker(String layer, int application, int output) {
        /** The application itself, whose first output is the layer's. */
        Maker first() {
            return new Maker(layer, application, 0);
        }
    }

    private KerasModel(JsonObject description) {
        this.description = description;
    }

    /** Whether an application is told a mask, as Keras 3 writes it; empty if nothing is said. */
    Optional<Boolean> isToldMask(Maker application) {
        return Optional.ofNullable(toldMasks.get(application));
    }

    /** True for a class of models, which may stand in the place of a layer. */
    static boolean isModel(String type) {
        return TYPES.contains(type);
    }

    /** A model that stands in the place of a layer. */
    static KerasModel of(KerasConfig layer) {
        JsonObject description = new JsonObject();
        description.addProperty("class_name", layer.type());
        description.add("config", layer.values());
        return of(description);
    }

    /** @throws CheckpointException if it is of another kind, or a name stands twice */
    static KerasModel of(JsonObject description) {
        String type = description.get("class_name").getAsString();
        if (!isModel(type)) {
            throw new CheckpointException("expected a Sequential or functional model, got " + type);
        }
        JsonElement config = description.get("config");
        JsonArray list = config.isJsonArray()
                ? config.getAsJsonArray()
                : config.getAsJsonObject().getAsJsonArray("layers");
        if (list.size() > MOST_LAYERS) {
            throw new CheckpointException("expected at most " + MOST_LAYERS + " layers, got " + list.size());
        }
        KerasModel model = new KerasModel(description);
        for (JsonElement one : list) {
            KerasConfig layer = KerasConfig.of(one.getAsJsonObject());
            if (model.layers.put(layer.name(), layer) != null) {
                throw layer.refused("the name stands twice");
            }
        }
        if (type.equals("Sequential")) {
            model.chain();
        } else {
            model.graph(list, config.getAsJsonObject());
        }
        return model;
    }

    private void chain() {
        inputs.add(GIVEN);
        Maker before = GIVEN;
        for (KerasConfig layer : layers.values()) {
            if (!layer.type().equals("InputLayer")) {
                Maker made = new Maker(layer.name(), 0, 0);
                applications.put(made, List.of(before));
                before = made;
            }
        }
        if (before.equals(GIVEN)) {
            throw new CheckpointException("has no layers");
        }
        outputs.add(before);
    }

    private void graph(JsonArray list, JsonObject config) {
        inputs.addAll(makers(config.get("input_layers")));
        Map<Maker, List<Maker>> nodes = new LinkedHashMap<>();
        Set<Maker> listed = new HashSet<>();
        KerasMaskOperations masks = new KerasMaskOperations(list);
        for (JsonElement one : list) {
            JsonObject layer = one.getAsJsonObject();
            JsonArray calls = layer.getAsJsonArray("inbound_nodes");
            for (int k = 0; k < calls.size(); k++) {
                Maker made = new Maker(KerasConfig.of(layer).name(), k, 0);
                if (!inputs.contains(made)) {
                    nodes.put(made, inbound(layer, calls.get(k)));
                    told(calls.get(k)).ifPresent(told -> {
                        masks.require(made.layer(), told);
                        toldMasks.put(made, told.stream().anyMatch(mask -> !masks.leavesOutNone(mask)));
                    });
                    if (calls.get(k).isJsonArray()) {
                        listed.add(made);
                    }
                }
            }
        }
        List<Maker> results = makers(config.get("output_layers"));
        Set<String> shifted = shifted(nodes, listed, results);
        nodes.forEach((made, of) -> applications.put(
                made,
                listed.contains(made)
                        ? of.stream().map(maker -> counted(maker, shifted)).toList()
                        : of));
        results.forEach(maker -> outputs.add(counted(maker, shifted)));
    }

    /**
     * The models in the place of layers whose applications are counted from 1 where Keras lists references, their own making being the first:
     * functional ones, and Sequential ones in Keras 2, of which a reference tells that is beyond the last.
     */
    private Set<String> shifted(Map<Maker, List<Maker>> nodes, Set<Maker> listed, List<Maker> results) {
        Set<String> shifted = new HashSet<>();
        Stream.concat(listed.stream().flatMap(made -> nodes.get(made).stream()), results.stream())
                .filter(maker -> layers.containsKey(maker.layer()))
                .forEach(maker -> {
                    String type = layers.get(maker.layer()).type();
                    if (isModel(type) && (!type.equals("Sequential") || !nodes.containsKey(maker.first()))) {
                        shifted.add(maker.layer());
                    }
                });
        return shifted;
    }

    private static Maker counted(Maker maker, Set<String> shifted) {
        return shifted.contains(maker.layer()) && maker.application() > 0
                ? new Maker(maker.layer(), maker.application() - 1, maker.output())
                : maker;
    }

    /** {@code ["name", 0, 0]}, or a list of such. */
    private static List<Maker> makers(JsonElement json) {
        JsonArray array = json.getAsJsonArray();
        List<Maker> makers = new ArrayList<>();
        if (!array.isEmpty() && array.get(0).isJsonPrimitive()) {
            makers.add(maker(array));
        } else {
            array.forEach(one -> makers.add(maker(one.getAsJsonArray())));
        }
        return makers;
    }

    private static Maker maker(JsonArray reference) {
        return new Maker(
                reference.get(0).getAsString(),
                reference.get(1).getAsInt(),
                reference.get(2).getAsInt());
    }

    /** Who makes the mask that an application is told, if any; empty if nothing is said of one. */
    private static Optional<List<Maker>> told(JsonElement node) {
        if (!(node instanceof JsonObject called)
                || !(called.get("kwargs") instanceof JsonObject options)
                || !options.has(MASK)) {
            return Optional.empty();
        }
        List<Maker> makers = new ArrayList<>();
        tensors(options.get(MASK), makers, 0);
        return Optional.of(makers);
    }

    /** Who makes what an application of a layer reads, without a mask. */
    private static List<Maker> inbound(JsonObject layer, JsonElement node) {
        List<Maker> makers = new ArrayList<>();
        if (node instanceof JsonObject called) {
            tensors(called.get("args"), makers, 0);
            if (called.get("kwargs") instanceof JsonObject options) {
                keywords(layer, options, makers);
            }
        } else {
            for (JsonElement reference : node.getAsJsonArray()) {
                JsonArray one = reference.getAsJsonArray();
                makers.add(maker(one));
                if (one.size() > 3 && isOfSeveralHeads(layer)) {
                    attended(layer, one.get(3).getAsJsonObject(), makers);
                }
            }
        }
        return makers;
    }

    private static boolean isOfSeveralHeads(JsonObject layer) {
        return layer.get("class_name").getAsString().equals("MultiHeadAttention");
    }

    /** As Keras 2 writes what a call reads by keyword: {@code {"value": ["name", 0, 0]}}. */
    private static void attended(JsonObject layer, JsonObject options, List<Maker> into) {
        takeCausal(layer, options);
        for (String one : ATTENDED) {
            if (options.get(one) instanceof JsonArray reference) {
                into.add(maker(reference));
            }
        }
        if (options.has("attention_mask") && !options.get("attention_mask").isJsonNull()) {
            throw new CheckpointException("layer '" + KerasConfig.of(layer).name()
                    + "': reads a mask of its own; expected lengths, or use_causal_mask");
        }
    }

    /** What a call says of later steps is an option of the layer here. */
    private static void takeCausal(JsonObject layer, JsonObject options) {
        if (options.has("use_causal_mask")) {
            layer.getAsJsonObject("config").add("causal", options.get("use_causal_mask"));
        }
    }

    private static void keywords(JsonObject layer, JsonObject options, List<Maker> into) {
        takeCausal(layer, options);
        List<String> known = isOfSeveralHeads(layer) ? ATTENDED : List.of();
        known.forEach(one -> tensors(options.get(one), into, 0));
        for (Map.Entry<String, JsonElement> option : options.entrySet()) {
            if (known.contains(option.getKey()) || option.getKey().equals(MASK)) {
                continue;
            }
            int before = into.size();
            tensors(option.getValue(), into, 0);
            if (into.size() > before && !option.getKey().equals("initial_state")) {
                throw new CheckpointException("layer '" + KerasConfig.of(layer).name()
                        + "': reads values by the keyword " + option.getKey() + "; expected initial_state alone");
            }
        }
    }

    /** Keras 3 writes the arguments of a call, with tensors as objects that tell their history. */
    static void tensors(JsonElement json, List<Maker> into, int depth) {
        if (depth > 16) {
            throw new CheckpointException("its arguments are nested too deeply");
        }
        if (json instanceof JsonArray array) {
            array.forEach(one -> tensors(one, into, depth + 1));
        } else if (json instanceof JsonObject object) {
            if (object.has("class_name")
                    && object.get("class_name").getAsString().equals("__keras_tensor__")) {
                into.add(maker(object.getAsJsonObject("config").getAsJsonArray("keras_history")));
            } else {
                object.entrySet().forEach(entry -> tensors(entry.getValue(), into, depth + 1));
            }
        }
    }

    /** By name, in the order of the description. */
    Map<String, KerasConfig> layers() {
        return layers;
    }

    List<Maker> inputs() {
        return inputs;
    }

    List<Maker> outputs() {
        return outputs;
    }

    /** What each application of a layer reads. */
    Map<Maker, List<Maker>> applications() {
        return applications;
    }

    /**
     * The values that lead to some outputs, these with them. Of a model within the whole all inputs count as read.
     *
     * @param wanted the numbers of the outputs
     */
    Set<Maker> leadingTo(Set<Integer> wanted) {
        Set<Maker> leading = new LinkedHashSet<>();
        Deque<Maker> open = new ArrayDeque<>();
        wanted.forEach(number -> open.add(outputs.get(number)));
        while (!open.isEmpty()) {
            Maker maker = open.remove();
            if (leading.add(maker)) {
                open.addAll(applications.getOrDefault(maker.first(), List.of()));
            }
        }
        return leading;
    }

    /** The layer that reads an input first, be it within a model that stands in the place of a layer. */
    KerasConfig reader(Maker input) {
        return reader(input, 0);
    }

    private KerasConfig reader(Maker input, int depth) {
        for (Map.Entry<Maker, List<Maker>> application : applications.entrySet()) {
            int place = application.getValue().indexOf(input);
            if (place >= 0) {
                KerasConfig layer = layers.get(application.getKey().layer());
                if (!isModel(layer.type()) || depth == KerasGraph.DEEPEST) {
                    return layer;
                }
                KerasModel inner = of(layer);
                return inner.reader(inner.inputs.get(place), depth + 1);
            }
        }
        throw new CheckpointException("input '" + input.layer() + "' leads nowhere");
    }

    /** The shape of an input with its batch, 0 for what is left open. */
    List<Integer> shape(Maker input) {
        KerasConfig first =
                layers.getOrDefault(input.layer(), layers.values().iterator().next());
        JsonElement shape = null;
        for (String option : List.of("batch_shape", "batch_input_shape")) {
            shape = first.has(option) ? first.values().get(option) : shape;
        }
        if (shape == null && description.get("build_config") instanceof JsonObject built) {
            shape = built.get("input_shape");
        }
        if (shape == null && description.get("config") instanceof JsonObject config) {
            shape = config.get("build_input_shape");
        }
        if (shape == null || !shape.isJsonArray()) {
            throw first.refused("says no shape of its input: build the model before it is saved");
        }
        List<Integer> sizes = new ArrayList<>();
        shape.getAsJsonArray().forEach(size -> sizes.add(size.isJsonNull() ? 0 : size.getAsInt()));
        return sizes;
    }
}
