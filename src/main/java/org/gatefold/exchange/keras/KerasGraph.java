package org.gatefold.exchange.keras;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Masking;
import org.gatefold.layer.form.Permute;
import org.gatefold.layer.form.Reshape;
import org.gatefold.layer.form.ToRows;
import org.gatefold.layer.form.ToSequence;
import org.gatefold.model.Graph;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.tensor.Form;

/**
 * Makes a network of the description of a Sequential or functional model of Keras'. Layers keep their names; an activation stands behind its
 * layer under the name {@code NAME_activation}. Inputs and outputs are as there, batch and, for images, channels last: where a layer here
 * wants channels first, the axes change places before it. For one description, one thread.
 */
final class KerasGraph {
    private static final int MOST_LAYERS = 10_000;
    private static final Set<String> IMAGE_LAYERS =
            Set.of("Conv2D", "MaxPooling2D", "AveragePooling2D", "GlobalAveragePooling2D", "GlobalMaxPooling2D");
    private static final Set<String> ELEMENTWISE = Set.of("Activation", "ReLU", "LeakyReLU", "ELU", "Dropout");

    /** What reads sequences, of steps that rows may have as their first dimension. */
    private static final Set<String> OF_STEPS = Set.of(
            "LSTM",
            "CuDNNLSTM",
            "GRU",
            "CuDNNGRU",
            "SimpleRNN",
            "Bidirectional",
            "Conv1D",
            "MaxPooling1D",
            "AveragePooling1D",
            "GlobalAveragePooling1D",
            "GlobalMaxPooling1D",
            "ZeroPadding1D",
            "SpatialDropout1D",
            "Masking",
            "Attention");

    /** What makes other rows of rows; of sequences, of steps whose number is known. */
    private static final Set<String> OF_ROWS = Set.of("Flatten", "Reshape", "Permute");

    private static final int[] FIRST = {3, 1, 2};
    private static final int[] LAST = {2, 3, 1};

    private final String source;
    private final boolean keras3;
    private final Graph.Builder graph = Graph.builder();
    private final Map<String, Layer> made = new LinkedHashMap<>();
    private final List<KerasConfig> layers = new ArrayList<>();
    private int turns;

    /**
     * A value within the graph.
     *
     * @param channelsFirst whether the channels of images, which stand last in Keras, stand first
     * @param masked whether a mask may leave out steps of it
     * @param steps of it that Keras knows of a sequence; 0 where it leaves them open
     * @param padding zeros that the next layer puts round it
     */
    private record Value(Graph.Node node, boolean channelsFirst, boolean masked, int steps, List<Integer> padding) {
        Value(Graph.Node node, boolean channelsFirst, boolean masked, int steps) {
            this(node, channelsFirst, masked, steps, List.of());
        }
    }

    /** Who makes a value: a layer, which of its applications, and which of its outputs. */
    private record Maker(String layer, int application, int output) {
        /** The application itself, whose first output is the layer's. */
        Maker first() {
            return new Maker(layer, application, 0);
        }
    }

    private KerasGraph(String source, boolean keras3) {
        this.source = source;
        this.keras3 = keras3;
    }

    /**
     * What a description says.
     *
     * @param network of it
     * @param layers as the description lists them
     */
    record Read(Network network, List<KerasConfig> layers) {}

    /** @throws CheckpointException naming the layer that is not known, or what is wrong with the description */
    static Read read(String source, JsonObject model, boolean keras3) {
        KerasGraph graph = new KerasGraph(source, keras3);
        try {
            return new Read(graph.build(model), List.copyOf(graph.layers));
        } catch (CheckpointException e) {
            throw new CheckpointException(source + ": " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new CheckpointException(source + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            // Whatever is not there, or is of another type than Keras writes.
            throw new CheckpointException(source + ": its description is damaged, or of a kind that is not known", e);
        }
    }

    private Network build(JsonObject model) {
        String type = model.get("class_name").getAsString();
        JsonElement config = model.get("config");
        JsonArray list = config.isJsonArray()
                ? config.getAsJsonArray()
                : config.getAsJsonObject().getAsJsonArray("layers");
        if (list.size() > MOST_LAYERS) {
            throw new CheckpointException("expected at most " + MOST_LAYERS + " layers, got " + list.size());
        }
        list.forEach(layer -> layers.add(KerasConfig.of(layer.getAsJsonObject())));
        return switch (type) {
            case "Sequential" -> sequential(model);
            case "Functional", "Model" -> functional(list, config.getAsJsonObject());
            default -> throw new CheckpointException("expected a Sequential or functional model, got " + type);
        };
    }

    private Network sequential(JsonObject model) {
        List<KerasConfig> applied = layers.stream()
                .filter(layer -> !layer.type().equals("InputLayer"))
                .toList();
        if (applied.isEmpty()) {
            throw new CheckpointException("has no layers");
        }
        Value value = input(Model.INPUT, shape(layers.get(0), model), applied.get(0));
        for (KerasConfig layer : applied) {
            value = apply(layer, List.of(value));
        }
        graph.output(Model.OUTPUT, whole(value));
        return graph.build();
    }

    private Network functional(JsonArray list, JsonObject config) {
        List<Maker> inputs = makers(config.get("input_layers"));
        List<Maker> outputs = makers(config.get("output_layers"));
        Map<Maker, Value> values = new LinkedHashMap<>();
        Map<Maker, List<Maker>> pending = new LinkedHashMap<>();
        Map<String, KerasConfig> byName = new LinkedHashMap<>();
        for (int i = 0; i < layers.size(); i++) {
            KerasConfig layer = layers.get(i);
            if (byName.put(layer.name(), layer) != null) {
                throw layer.refused("the name stands twice");
            }
            List<List<Maker>> nodes = inbound(list.get(i).getAsJsonObject());
            for (int k = 0; k < nodes.size(); k++) {
                pending.put(new Maker(layer.name(), k, 0), nodes.get(k));
            }
        }
        for (Maker input : inputs) {
            KerasConfig consumer = pending.entrySet().stream()
                    .filter(entry -> entry.getValue().contains(input))
                    .map(entry -> byName.get(entry.getKey().layer()))
                    .findFirst()
                    .orElseThrow(() -> new CheckpointException("input '" + input.layer() + "' leads nowhere"));
            String name = inputs.size() == 1 ? Model.INPUT : input.layer();
            values.put(input, input(name, shape(byName.get(input.layer()), config), consumer));
        }
        pending.keySet().removeAll(values.keySet());
        boolean moved = true;
        while (moved) {
            moved = false;
            for (Map.Entry<Maker, List<Maker>> next : List.copyOf(pending.entrySet())) {
                List<Maker> makers = next.getValue();
                if (!makers.isEmpty() && makers.stream().map(Maker::first).allMatch(values::containsKey)) {
                    List<Value> of = makers.stream()
                            .map(maker -> value(values, byName, maker))
                            .toList();
                    values.put(next.getKey(), apply(byName.get(next.getKey().layer()), of));
                    pending.remove(next.getKey());
                    moved = true;
                }
            }
        }
        for (Maker output : outputs) {
            if (!values.containsKey(output.first())) {
                throw new CheckpointException("output '" + output.layer() + "' follows from no input; left are "
                        + pending.keySet().stream().map(Maker::layer).toList());
            }
            String name = output.output() == 0 ? output.layer() : output.layer() + "_state" + (output.output() - 1);
            graph.output(outputs.size() == 1 ? Model.OUTPUT : name, whole(value(values, byName, output)));
        }
        return graph.build();
    }

    /** A value, which is made of the layer's if it is one of the states that the layer gives. */
    private Value value(Map<Maker, Value> values, Map<String, KerasConfig> layers, Maker maker) {
        return values.computeIfAbsent(maker, state -> {
            KerasConfig config = layers.get(state.layer());
            if (!KerasLayers.returnsStates(config)) {
                throw config.refused("its output " + state.output() + " is read, and it gives one alone");
            }
            Graph.Node applied = values.get(state.first()).node();
            return new Value(graph.state(applied, state.output() - 1), false, false, 0);
        });
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

    /** Who makes what each application of a layer reads. */
    private static List<List<Maker>> inbound(JsonObject layer) {
        List<List<Maker>> nodes = new ArrayList<>();
        for (JsonElement node : layer.getAsJsonArray("inbound_nodes")) {
            List<Maker> makers = new ArrayList<>();
            if (node instanceof JsonObject called) {
                tensors(called.get("args"), makers, 0);
                if (called.get("kwargs") instanceof JsonObject options) {
                    if (options.has("use_causal_mask")) {
                        layer.getAsJsonObject("config").add("causal", options.get("use_causal_mask"));
                    }
                    tensors(options.remove("initial_state"), makers, 0);
                    int before = makers.size();
                    tensors(options, makers, 0);
                    if (makers.size() > before) {
                        throw new CheckpointException("layer '"
                                + layer.get("config")
                                        .getAsJsonObject()
                                        .get("name")
                                        .getAsString()
                                + "': reads values by the keywords " + options.keySet()
                                + "; expected initial_state alone");
                    }
                }
            } else {
                node.getAsJsonArray().forEach(reference -> makers.add(maker(reference.getAsJsonArray())));
            }
            nodes.add(makers);
        }
        return nodes;
    }

    /** Keras 3 writes the arguments of a call, with tensors as objects that tell their history. */
    private static void tensors(JsonElement json, List<Maker> into, int depth) {
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

    /** The shape of an input with its batch, 0 for what is left open. */
    private static List<Integer> shape(KerasConfig first, JsonObject model) {
        JsonElement shape = null;
        for (String option : List.of("batch_shape", "batch_input_shape")) {
            shape = first.has(option) ? first.values().get(option) : shape;
        }
        if (shape == null && model.get("build_config") instanceof JsonObject built) {
            shape = built.get("input_shape");
        }
        if (shape == null && model.get("config") instanceof JsonObject config) {
            shape = config.get("build_input_shape");
        }
        if (shape == null || !shape.isJsonArray()) {
            throw first.refused("says no shape of its input: build the model before it is saved");
        }
        List<Integer> sizes = new ArrayList<>();
        shape.getAsJsonArray().forEach(size -> sizes.add(size.isJsonNull() ? 0 : size.getAsInt()));
        return sizes;
    }

    private Value input(String name, List<Integer> shape, KerasConfig consumer) {
        int rank = shape.size();
        Form form;
        if (consumer.type().equals("Embedding")) {
            form = rank == 1 ? Form.ids() : Form.tokens();
        } else {
            boolean each = consumer.type().equals("TimeDistributed");
            boolean sequence = rank == 5
                    || (rank == 4 && each)
                    || (rank == 3
                            && !(OF_ROWS.contains(consumer.type())
                                    && !shape.subList(1, rank).contains(0)));
            int[] dimensions = shape.stream()
                    .skip(sequence ? 2 : 1)
                    .mapToInt(Integer::intValue)
                    .toArray();
            if (rank < 2 || rank > 5 || List.of(0).containsAll(shape.subList(sequence ? 2 : 1, rank))) {
                throw new CheckpointException(
                        "input '" + name + "': expected fixed sizes but for rows and steps, got " + shape);
            }
            form = sequence ? Form.sequences(dimensions) : Form.rows(dimensions);
        }
        return new Value(graph.input(name, form), false, false, form.sequence() ? shape.get(1) : 0);
    }

    private Value apply(KerasConfig config, List<Value> values) {
        return switch (config.type()) {
            case "Add" -> merged(graph.add(nodes(values)), values);
            case "Multiply" -> merged(graph.multiply(nodes(values)), values);
            case "Concatenate" -> concatenate(config, values);
            case "TimeDistributed" -> {
                KerasConfig inner = config.inner("layer");
                yield timeDistributed(
                        new KerasConfig(inner.type(), config.name(), inner.values()), only(config, values));
            }
            case "Attention" -> attention(config, values);
            case "InputLayer" -> throw config.refused("is no input of the model");
            case "LSTM", "CuDNNLSTM", "GRU", "CuDNNGRU", "SimpleRNN", "Bidirectional" ->
                applyOne(config, values.get(0), false, values.subList(1, values.size()));
            default -> {
                Value value = only(config, values);
                yield KerasColumns.isChannels(config, value.node().form())
                        ? inColumns(config, value, false)
                        : applyOne(config, value, false);
            }
        };
    }

    /** Queries, what is attended to, and perhaps keys, which have to be the same. */
    private Value attention(KerasConfig config, List<Value> values) {
        if (values.size() < 2 || (values.size() == 3 && !values.get(2).equals(values.get(1)))) {
            throw config.refused("has keys that are not its values");
        }
        boolean own = values.get(0).equals(values.get(1));
        return applyOne(config, values.get(0), false, own ? List.of() : List.of(values.get(1)));
    }

    /** What reads sequences within the steps of a sequence reads them as images of one column. */
    private Value timeDistributed(KerasConfig inner, Value given) {
        return KerasColumns.readsSteps(inner)
                        || KerasColumns.isChannels(inner, given.node().form())
                ? inColumns(inner, given, true)
                : applyOne(inner, given, true);
    }

    private Value inColumns(KerasConfig inner, Value given, boolean each) {
        Value columns = given;
        if (given.node().form().dimensions().size() == 2) {
            List<Integer> sizes = given.node().form().dimensions();
            Layer column = Reshape.of(sizes.get(0), 1, sizes.get(1)).named("columns_" + turns++);
            columns = new Value(graph.layer(column, given.node()), false, given.masked(), given.steps());
        }
        Value made = applyOne(KerasColumns.of(inner), columns, each);
        if (!made.padding().isEmpty() || made.node().form().dimensions().size() != 3) {
            return made;
        }
        Value last = last(made);
        List<Integer> sizes = last.node().form().dimensions();
        Layer steps = Reshape.of(sizes.get(0), sizes.get(2)).named("columns_" + turns++);
        return new Value(graph.layer(steps, last.node()), false, made.masked(), made.steps());
    }

    private static Value only(KerasConfig config, List<Value> values) {
        if (values.size() != 1) {
            throw config.refused("reads " + values.size() + " values; expected one");
        }
        return values.get(0);
    }

    private Graph.Node[] nodes(List<Value> values) {
        return values.stream().map(this::whole).toArray(Graph.Node[]::new);
    }

    private Value concatenate(KerasConfig config, List<Value> values) {
        Graph.Node[] nodes = nodes(values);
        Form form = nodes[0].form();
        int axis = config.has("axis") ? config.integer("axis") : -1;
        if (axis != -1 && axis != form.dimensions().size() + (form.sequence() ? 1 : 0)) {
            throw config.refused("joins along axis " + axis + "; expected the last");
        }
        return merged(graph.concatenate(nodes), values);
    }

    private static Value merged(Graph.Node node, List<Value> of) {
        int steps = of.stream().mapToInt(Value::steps).max().orElse(0);
        return new Value(node, false, of.stream().anyMatch(Value::masked), steps);
    }

    private Value applyOne(KerasConfig config, Value given, boolean each) {
        return applyOne(config, given, each, List.of());
    }

    private Value applyOne(KerasConfig config, Value given, boolean each, List<Value> further) {
        String type = config.type();
        if ((given.masked() || further.stream().anyMatch(Value::masked)) && KerasMasks.readsAll(type)) {
            throw config.refused("reads all steps there whatever a mask says, and only the real ones here");
        }
        if (!given.padding().isEmpty() && !KerasLayers.takesPadding(config)) {
            throw config.refused("reads what zeros were put round; expected a convolution or means without padding");
        }
        if (type.startsWith("ZeroPadding")) {
            return new Value(
                    given.node(), given.channelsFirst(), given.masked(), given.steps(), KerasLayers.padding(config));
        }
        boolean image = given.node().form().dimensions().size() == 3;
        Value value = IMAGE_LAYERS.contains(type) || (image && type.equals("BatchNormalization"))
                ? first(given)
                : ELEMENTWISE.contains(type) && !config.text("activation", "").contains("softmax")
                        ? given
                        : last(given);
        if ((each || OF_STEPS.contains(type))
                && !value.node().form().sequence()
                && value.node().form().dimensions().size() > 1) {
            Layer steps = ToSequence.create().named("steps_" + turns++);
            int first = value.node().form().dimensions().get(0);
            value = new Value(graph.layer(steps, value.node()), false, false, first);
        }
        if (!each && value.node().form().sequence() && KerasLayers.joinsSteps(config)) {
            if (value.steps() == 0) {
                throw config.refused("makes features of all steps, whose number the model leaves open");
            }
            Layer rows = ToRows.of(value.steps()).named("rows_" + turns++);
            value = new Value(graph.layer(rows, value.node()), false, false, 0);
        }
        boolean masked = value.masked();
        if (type.equals("Embedding") && config.flag("mask_zero", false)) {
            value = new Value(layer(config, "_mask", Masking.tokens(0), value.node()), false, true, value.steps());
            masked = true;
        } else if (type.equals("Masking")) {
            masked = true;
        }
        Graph.Node node = value.node();
        Layer layer = made.containsKey(config.name())
                ? made.get(config.name())
                : KerasLayers.of(
                        config, new KerasLayers.Place(node.form(), each, keras3, given.padding(), value.steps()));
        if (layer != null) {
            node = layer(config, "", layer, node, nodes(further));
        }
        if (config.has("activation") && Set.of("Dense", "Conv1D", "Conv2D").contains(type)) {
            Layer activation = KerasActivations.layer(config, config.text("activation", "linear"));
            if (activation != null) {
                node = layer(config, "_activation", activation, node);
            }
        }
        boolean first = value.channelsFirst() && node.form().dimensions().size() == 3;
        boolean sequence = node.form().sequence();
        int steps = each ? value.steps() : KerasSteps.behind(config, value.steps(), given.padding());
        return new Value(node, first, masked && sequence, sequence ? steps : 0);
    }

    /** Applies a layer under the name of Keras', or the one that was applied under it before. */
    private Graph.Node layer(KerasConfig config, String ending, Layer layer, Graph.Node x, Graph.Node... further) {
        String name = config.name() + ending;
        Layer known = made.putIfAbsent(name, layer);
        return graph.layer(known == null ? layer.named(name) : known, x, further);
    }

    private Value first(Value value) {
        return value.channelsFirst() ? value : turned(value, FIRST, true);
    }

    /** A value that is merged or given. */
    private Graph.Node whole(Value value) {
        if (!value.padding().isEmpty()) {
            throw new CheckpointException("zeros are put round a value that no convolution reads");
        }
        return last(value).node();
    }

    private Value last(Value value) {
        return value.channelsFirst() ? turned(value, LAST, false) : value;
    }

    private Value turned(Value value, int[] order, boolean channelsFirst) {
        if (value.node().form().dimensions().size() != 3) {
            throw new CheckpointException("expected images of height, width and channels, got "
                    + value.node().form());
        }
        Layer permute = Permute.of(order).named("permute_channels_" + turns++);
        return new Value(graph.layer(permute, value.node()), channelsFirst, value.masked(), value.steps());
    }

    @Override
    public String toString() {
        return source + " " + layers;
    }
}
