package org.gatefold.exchange.keras;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.file.Json;
import org.gatefold.layer.Layer;
import org.gatefold.layer.LayerDescription;
import org.gatefold.layer.Stated;
import org.gatefold.layer.form.TimeDistributed;
import org.gatefold.model.GraphDescription;
import org.gatefold.model.Merge;
import org.gatefold.model.Model;
import org.gatefold.tensor.ElementType;
import org.gatefold.tensor.Form;

/**
 * Writes networks of layers as functional models of Keras 3: batch first, images with channels last, steps left open. Layers keep their names.
 * What Keras has not is refused with layer and reason. For one model, one thread.
 */
final class KerasExport {
    private static final Set<String> ELEMENTWISE = Set.of("Activation", "Dropout");
    private static final Set<String> IMAGES = Set.of("Conv2d", "MaxPool2d", "AvgPool2d", "GlobalPooling");

    /** What Keras applies to rows, and to steps by {@code TimeDistributed}. */
    private static final Set<String> OF_ROWS = Set.of("Flatten", "Reshape", "Permute");

    private static final List<Integer> FIRST = List.of(3, 1, 2);
    private static final List<Integer> LAST = List.of(2, 3, 1);

    private final String target;
    private final Model model;
    private final Set<String> taken = new HashSet<>();
    private final LayerWriter layers;
    private final Map<String, List<WrittenLayer>> written = new HashMap<>();

    /** The names of layers whose states are read. */
    private final Set<String> telling = new HashSet<>();

    /** By the names of values. */
    private final Map<String, Ends> ends = new HashMap<>();

    /**
     * What the recurrent layers of an application give, behind which Keras gives their states.
     *
     * @param forms of all states together
     */
    private record Ends(List<WrittenLayer.Value> values, List<Form> forms) {}

    /**
     * A value within the model.
     *
     * @param of who makes it in Keras
     * @param channelsLast whether it is an image whose channels, which stand first here, stand last there
     * @param masked whether a mask may leave out steps of it
     * @param zeros whether it is tokens whose zeros are left out, which an embedding says in Keras
     */
    private record Value(WrittenLayer.Value of, Form form, boolean channelsLast, boolean masked, boolean zeros) {
        Value by(WrittenLayer.Value maker, Form made) {
            return new Value(maker, made, channelsLast, masked && made.sequence(), zeros);
        }

        Value unmasked() {
            return new Value(of, form, channelsLast, false, zeros);
        }

        Value channelsLast(boolean last) {
            return new Value(of, form, last, masked, zeros);
        }
    }

    private KerasExport(String target, Model model) {
        this.target = target;
        this.model = model;
        this.layers = new LayerWriter(model.parameters(), this::unused);
    }

    /** @throws CheckpointException naming the layer that Keras has not, before anything is written */
    static void write(Model model, String target, OutputStream out) throws IOException {
        new KerasExport(target, model).write(out);
    }

    private void write(OutputStream out) throws IOException {
        if (!(model.network().description() instanceof GraphDescription graph)) {
            throw new CheckpointException(
                    target + ": expected a network of layers, got a module, whose forward pass no file describes");
        }
        for (LayerDescription layer : graph.layers()) {
            if (layer.name().contains("/")) {
                throw new CheckpointException(target + ": layer '" + layer.name() + "' (" + layer.type()
                        + "): Keras has no names with a slash");
            }
            taken.add(layer.name());
        }
        graph.outputs().forEach((name, value) -> {
            if (graph.outputs().size() > 1) {
                taken.add(name);
            }
        });
        Map<String, Value> values = new LinkedHashMap<>();
        List<WrittenLayer.Value> inputs = new ArrayList<>();
        graph.inputs().forEach((name, form) -> {
            WrittenLayer layer = input(name, form);
            WrittenLayer.Value value = layer.applied();
            inputs.add(value);
            values.put(name, new Value(value, form, false, false, false));
        });
        Map<String, LayerDescription> described = new HashMap<>();
        graph.layers().forEach(layer -> described.put(layer.name(), layer));
        tellStates(graph);
        for (GraphDescription.Step step : graph.steps()) {
            List<Value> of = step.of().stream().map(values::get).toList();
            values.put(
                    step.name(),
                    step.merge() != null
                            ? merged(step.name(), step.merge(), of)
                            : step.layer() == null
                                    ? state(step)
                                    : layer(
                                            step.name(),
                                            described.get(step.layer()),
                                            of.get(0),
                                            of.subList(1, of.size())));
        }
        List<WrittenLayer.Value> outputs = new ArrayList<>();
        graph.outputs()
                .forEach((name, value) -> outputs.add(output(graph.outputs().size(), name, values.get(value))));
        List<WrittenLayer> ordered = LayerOrder.of(outputs);
        KerasArchive.write(out, config(ordered, inputs, outputs), ordered);
    }

    /** Finds the layers whose states are read. */
    private void tellStates(GraphDescription graph) {
        Map<String, String> applied = new HashMap<>();
        graph.steps().forEach(step -> applied.put(step.name(), step.layer()));
        graph.steps().stream()
                .filter(step -> step.layer() == null && step.merge() == null)
                .forEach(step -> telling.add(applied.get(step.of().get(0))));
    }

    private Value state(GraphDescription.Step step) {
        Ends of = ends.get(step.of().get(0));
        int each = of.forms().size() / of.values().size();
        WrittenLayer.Value state = of.values().get(step.state() / each).state(step.state() % each);
        return new Value(state, of.forms().get(step.state()), false, false, false);
    }

    private static JsonObject config(
            List<WrittenLayer> ordered, List<WrittenLayer.Value> inputs, List<WrittenLayer.Value> outputs) {
        JsonArray list = new JsonArray();
        ordered.forEach(layer -> list.add(layer.listed()));
        JsonObject config = new JsonObject();
        config.addProperty("name", "functional");
        config.addProperty("trainable", true);
        config.add("layers", list);
        config.add("input_layers", histories(inputs));
        config.add("output_layers", histories(outputs));
        return Json.object(
                "module",
                "keras.src.models.functional",
                "class_name",
                "Functional",
                "config",
                config,
                "registered_name",
                JsonNull.INSTANCE);
    }

    private static JsonArray histories(List<WrittenLayer.Value> values) {
        if (values.size() == 1) {
            return WrittenLayer.history(values.get(0));
        }
        JsonArray all = new JsonArray();
        values.forEach(value -> all.add(WrittenLayer.history(value)));
        return all;
    }

    /** A name that no layer has yet; Keras takes any but those with a slash. */
    private String unused(String wish) {
        String name = wish.replaceAll("[^A-Za-z0-9_.-]", "_");
        String free = name;
        for (int i = 1; !taken.add(free); i++) {
            free = name + "_" + i;
        }
        return free;
    }

    private WrittenLayer input(String name, Form form) {
        JsonArray shape = new JsonArray();
        shape.add(JsonNull.INSTANCE);
        if (form.sequence()) {
            shape.add(JsonNull.INSTANCE);
        }
        form.dimensions().forEach(shape::add);
        return new WrittenLayer("InputLayer", unused(name))
                .with("batch_shape", shape)
                .with("dtype", form.type() == ElementType.I32 ? "int32" : "float32");
    }

    private WrittenLayer.Value output(int count, String name, Value given) {
        Value value = first(given);
        if (value.zeros()) {
            throw new CheckpointException(target + ": output '" + name + "': masks tokens that no embedding reads");
        }
        if (count == 1 || (value.of().layer().name().equals(name) && value.of().output() == 0)) {
            return value.of();
        }
        // Keras calls outputs by their layers, of which no two have one name.
        boolean another = model.layers().stream().anyMatch(layer -> layer.name().equals(name));
        WrittenLayer same = new WrittenLayer("Activation", another ? unused(name) : name).with("activation", "linear");
        return same.applied(value.of());
    }

    private Value merged(String name, Merge merge, List<Value> given) {
        boolean same = merge != Merge.CONCATENATE && given.stream().allMatch(Value::channelsLast);
        List<Value> of = same ? given : given.stream().map(this::first).toList();
        WrittenLayer layer =
                switch (merge) {
                    case ADD -> new WrittenLayer("Add", unused(name));
                    case SUBTRACT -> new WrittenLayer("Subtract", unused(name));
                    case MULTIPLY -> new WrittenLayer("Multiply", unused(name));
                    case AVERAGE -> new WrittenLayer("Average", unused(name));
                    case MAXIMUM -> new WrittenLayer("Maximum", unused(name));
                    case MINIMUM -> new WrittenLayer("Minimum", unused(name));
                    // Keras itself calls what it makes of several masks concatenate.
                    case CONCATENATE ->
                        new WrittenLayer("Concatenate", unused(name.replace("concatenate", "joined"))).with("axis", -1);
                    case GATHER ->
                        throw new CheckpointException(
                                target + ": value '" + name + "': Keras has no layer that picks steps by their places");
                    case REPEAT ->
                        throw new CheckpointException(target + ": value '" + name
                                + "': Keras has no layer that repeats rows for each step of a sequence");
                };
        Form form = merge.form(of.stream().map(Value::form).toList());
        WrittenLayer.Value value = layer.applied(of.stream().map(Value::of).toArray(WrittenLayer.Value[]::new));
        return new Value(value, form, same, of.stream().anyMatch(Value::masked), false);
    }

    private Value layer(String step, LayerDescription description, Value given, List<Value> further) {
        try {
            return apply(step, model.layer(description.name()), description, given, further);
        } catch (CheckpointException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new CheckpointException(
                    target + ": layer '" + description.name() + "' (" + description.type() + "): " + e.getMessage(), e);
        }
    }

    private Value apply(String step, Layer layer, LayerDescription description, Value given, List<Value> further) {
        String type = description.type();
        LayerWriter.Described of = new LayerWriter.Described(type, description.options());
        if (given.zeros() && !type.equals("Embedding")) {
            throw new IllegalArgumentException("reads tokens behind a mask, which only an Embedding does in Keras");
        }
        if (type.equals("Masking") && of.flag("ids")) {
            if (of.integer("value") != 0) {
                throw new IllegalArgumentException(
                        "masks token " + of.integer("value") + "; Keras masks token 0 alone");
            }
            return new Value(given.of(), given.form(), false, true, true);
        }
        if (type.equals("ToSequence")) {
            Value value = first(given);
            return value.by(value.of(), layer.output());
        }
        if (type.equals("TimeDistributed")) {
            return distributed((TimeDistributed) layer, of, given);
        }
        boolean image = given.form().dimensions().size() == 3;
        if (type.equals("Permute") && image) {
            List<Integer> order = of.integers("order");
            if (order.equals(given.channelsLast() ? LAST : FIRST)) {
                return given.by(given.of(), layer.output()).channelsLast(!given.channelsLast());
            }
        }
        if (type.equals("BatchNorm") && given.form().dimensions().size() > 1 && !image) {
            throw new IllegalArgumentException(
                    "normalises channels of " + given.form() + ", which stand first; written are features and images");
        }
        boolean last = IMAGES.contains(type) || (type.equals("BatchNorm") && image);
        Value value = last ? last(given) : ELEMENTWISE.contains(type) ? given : first(given);
        if (type.equals("AllSteps")) {
            if (given.form().dimensions().size() != 1) {
                throw new IllegalArgumentException("reads all steps of " + given.form() + "; written are features");
            }
            value = value.unmasked();
        }
        List<WrittenLayer> chain = written.get(description.name());
        if (chain == null) {
            chain = layers.of(layer, of, description.name(), given.form());
            if (given.form().sequence() && (IMAGES.contains(type) || OF_ROWS.contains(type))) {
                chain = chain.stream().map(this::eachStep).toList();
            }
            if (type.equals("Embedding")) {
                chain.get(0).with("mask_zero", given.zeros());
            }
            written.put(description.name(), chain);
        } else if (type.equals("Embedding") && chain.get(0).flag("mask_zero") != given.zeros()) {
            throw new IllegalArgumentException(
                    "reads tokens with a mask and without one, as Keras' Embedding does not");
        }
        if (telling.contains(description.name())) {
            chain.stream().filter(WrittenLayer::isRecurrent).forEach(WrittenLayer::returnStates);
        }
        List<WrittenLayer.Value> made = new ArrayList<>();
        Value result = chained(chain, value, layer.output(), further, made);
        if (telling.contains(description.name())) {
            ends.put(step, new Ends(made, ((Stated) layer).states()));
        }
        return new Value(
                result.of(),
                layer.output(),
                value.channelsLast() && layer.output().dimensions().size() == 3,
                result.masked() || (type.equals("Masking") && layer.output().sequence()),
                false);
    }

    private Value chained(List<WrittenLayer> chain, Value given, Form form) {
        return chained(chain, given, form, List.of(), new ArrayList<>());
    }

    /**
     * What layers give, one after the other.
     *
     * @param further the states that recurrent ones begin with, or what is attended to
     * @param made takes what each recurrent one gives
     */
    private Value chained(
            List<WrittenLayer> chain, Value given, Form form, List<Value> further, List<WrittenLayer.Value> made) {
        List<WrittenLayer.Value> others =
                further.stream().map(other -> first(other).of()).toList();
        int stacked = (int) chain.stream().filter(WrittenLayer::isRecurrent).count();
        Value value = given;
        for (WrittenLayer layer : chain) {
            if (value.masked() && KerasMasks.readsAll(layer.type())) {
                throw new IllegalArgumentException(
                        "is " + layer.type() + " in Keras, which reads all steps whatever a mask says");
            }
            if (layer.isRecurrent()) {
                int each = others.size() / stacked;
                int before = made.size() * each;
                made.add(layer.applied(List.of(value.of()), others.subList(before, before + each)));
                value = value.by(made.get(made.size() - 1), form);
            } else if (layer.type().equals("Attention") || layer.type().equals("MultiHeadAttention")) {
                value = value.by(layer.applied(value.of(), others.isEmpty() ? value.of() : others.get(0)), form);
            } else {
                value = value.by(layer.applied(value.of()), form);
            }
        }
        return value;
    }

    /** Layers that are applied to each step, one by one. */
    private Value distributed(TimeDistributed layer, LayerWriter.Described of, Value given) {
        Value value = first(given);
        Form form = given.form().withSequence(false);
        List<Layer> inner = layer.wrapped();
        for (int i = 0; i < inner.size(); i++) {
            LayerWriter.Described one =
                    LayerWriter.Described.of(((Map<?, ?>) of.options().get("layers")).get(String.valueOf(i)));
            if (IMAGES.contains(one.type())
                    || (one.type().equals("BatchNorm") && form.dimensions().size() > 1)) {
                throw new IllegalArgumentException("has " + one.type() + " within it; apply it to the steps as it is");
            }
            String key = layer.name() + "/" + i;
            List<WrittenLayer> chain = written.get(key);
            if (chain == null) {
                String name = inner.size() == 1 ? layer.name() : unused(layer.name() + "_" + i);
                chain = layers.of(inner.get(i), one, name, form).stream()
                        .map(this::eachStep)
                        .toList();
                written.put(key, chain);
            }
            form = inner.get(i).output();
            value = chained(chain, value, form.withSequence(true));
        }
        return value;
    }

    private WrittenLayer eachStep(WrittenLayer layer) {
        return layer.within(new WrittenLayer("TimeDistributed", layer.name()), "layer", "layer");
    }

    private Value last(Value value) {
        return value.channelsLast() ? value : turned(value, LAST, true);
    }

    private Value first(Value value) {
        return value.channelsLast() ? turned(value, FIRST, false) : value;
    }

    private Value turned(Value value, List<Integer> order, boolean channelsLast) {
        WrittenLayer permute = new WrittenLayer("Permute", unused("permute")).with("dims", order);
        WrittenLayer layer = value.form().sequence() ? eachStep(permute) : permute;
        return value.by(layer.applied(value.of()), value.form()).channelsLast(channelsLast);
    }
}
