package org.gatefold.exchange.keras;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.exchange.keras.KerasModel.Maker;
import org.gatefold.layer.Layer;
import org.gatefold.layer.basic.Masking;
import org.gatefold.layer.form.Permute;
import org.gatefold.layer.form.Reshape;
import org.gatefold.layer.form.ToRows;
import org.gatefold.layer.form.ToSequence;
import org.gatefold.model.Graph;
import org.gatefold.model.Merge;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.tensor.Form;

/**
 * Makes a network of the description of a Sequential or functional model of Keras'. Layers keep their names; an activation stands behind its
 * layer under the name {@code NAME_activation}. Inputs and outputs are as there, batch and, for images, channels last: where a layer here
 * wants channels first, the axes change places before it. For one description, one thread.
 */
final class KerasGraph {
    /** More than any model has that was made on purpose; one within another that is applied twice, and so on, grows without bounds. */
    private static final int MOST_APPLICATIONS = 20_000;

    /** Models within models. */
    static final int DEEPEST = 32;

    private static final Set<String> IMAGE_LAYERS =
            Set.of("Conv2D", "MaxPooling2D", "AveragePooling2D", "GlobalAveragePooling2D", "GlobalMaxPooling2D");
    private static final Set<String> ELEMENTWISE =
            Set.of("Activation", "ReLU", "ThresholdedReLU", "LeakyReLU", "ELU", "Dropout");

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
            "Attention",
            "MultiHeadAttention");

    /** What makes other rows of rows; of sequences, of steps whose number is known. */
    private static final Set<String> OF_ROWS = Set.of("Flatten", "Reshape", "Permute");

    private static final int[] FIRST = {3, 1, 2};
    private static final int[] LAST = {2, 3, 1};

    private static final String MASK_LOST =
            "reads all steps of values that a mask leaves steps out of, as Keras does behind recurrent layers and TimeDistributed since 3.16";

    private final String source;
    private final KerasVersion version;
    private final Graph.Builder graph = Graph.builder();
    private final Map<String, Layer> made = new LinkedHashMap<>();
    private final Map<String, Group> groups = new HashMap<>();

    /** Sequences that have no mask any more in Keras, but keep it here. */
    private final Set<Graph.Node> maskLost = new HashSet<>();

    private int turns;
    private int applications;

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

    /**
     * Where the weights of a layer are in a file.
     *
     * @param byClass by classes and numbers, as Keras 3 calls groups
     * @param byName the name of the layer, or of the model round it that is a layer of the whole
     * @param inner its name within that model; null of a layer of the whole
     */
    record Group(String byClass, String byName, String inner) {}

    /**
     * A model, perhaps within another.
     *
     * @param each whether its layers work on each step of sequences
     * @param groups where the weights of its layers are
     * @param depth how many models are round it
     */
    private record Scope(KerasModel model, String prefix, boolean each, Map<String, Group> groups, int depth) {}

    private KerasGraph(String source, KerasVersion version) {
        this.source = source;
        this.version = version;
    }

    /**
     * What a description says.
     *
     * @param network of it
     * @param groups by the names of its layers
     */
    record Read(Network network, Map<String, Group> groups) {}

    /** @throws CheckpointException naming the layer that is not known, or what is wrong with the description */
    static Read read(String source, JsonObject model, KerasVersion version) {
        KerasGraph graph = new KerasGraph(source, version);
        try {
            return new Read(graph.build(KerasModel.of(model)), graph.groups);
        } catch (CheckpointException e) {
            throw new CheckpointException(source + ": " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new CheckpointException(source + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            // Whatever is not there, or is of another type than Keras writes.
            throw new CheckpointException(source + ": its description is damaged, or of a kind that is not known", e);
        }
    }

    private Network build(KerasModel model) {
        List<Value> given = new ArrayList<>();
        for (Maker input : model.inputs()) {
            String name = model.inputs().size() == 1 ? Model.INPUT : input.layer();
            given.add(input(name, model.shape(input), model.reader(input)));
        }
        Set<Integer> all = IntStream.range(0, model.outputs().size()).boxed().collect(Collectors.toSet());
        Map<Integer, Value> made = run(new Scope(model, "", false, whole(model), 0), given, all);
        for (int i = 0; i < made.size(); i++) {
            Maker output = model.outputs().get(i);
            graph.output(made.size() == 1 ? Model.OUTPUT : name(model, output), whole(made.get(i)));
        }
        return graph.build();
    }

    /** What an output is called: the layer, which of its applications and of its outputs, if these are not the first. */
    private static String name(KerasModel model, Maker output) {
        String name = output.layer() + (output.application() == 0 ? "" : "_" + output.application());
        if (output.output() == 0) {
            return name;
        }
        return KerasModel.isModel(model.layers().get(output.layer()).type())
                ? name + "_output" + output.output()
                : name + "_state" + (output.output() - 1);
    }

    /** Where the weights of the layers of the whole are. */
    private static Map<String, Group> whole(KerasModel model) {
        Map<String, Group> groups = new HashMap<>();
        Map<String, Integer> counts = new HashMap<>();
        for (KerasConfig layer : model.layers().values()) {
            groups.put(layer.name(), new Group(KerasConfig.numbered(layer.type(), counts), layer.name(), null));
        }
        return groups;
    }

    /** Where the weights of the layers of a model are that stands in the place of one. */
    private static Map<String, Group> inner(KerasModel model, Group round, String step) {
        Map<String, Group> groups = new HashMap<>();
        whole(model)
                .forEach((name, group) -> groups.put(
                        name, new Group(round.byClass() + step + "/" + group.byClass(), round.byName(), name)));
        return groups;
    }

    /**
     * Outputs of a model for values in the places of its inputs, by their numbers.
     *
     * @param wanted which ones
     */
    private Map<Integer, Value> run(Scope scope, List<Value> given, Set<Integer> wanted) {
        KerasModel model = scope.model();
        if (given.size() != model.inputs().size()) {
            throw new CheckpointException("'" + scope.prefix() + "' reads " + given.size() + " values; expected "
                    + model.inputs().size());
        }
        Map<Maker, Value> values = new LinkedHashMap<>();
        for (int i = 0; i < given.size(); i++) {
            values.put(model.inputs().get(i), given.get(i));
        }
        Map<Maker, Set<Integer>> read = model.leadingTo(wanted).stream()
                .collect(Collectors.groupingBy(Maker::first, Collectors.mapping(Maker::output, Collectors.toSet())));
        Map<Maker, List<Maker>> pending = new LinkedHashMap<>(model.applications());
        pending.keySet().retainAll(read.keySet());
        boolean moved = true;
        while (moved) {
            moved = false;
            for (Map.Entry<Maker, List<Maker>> next : List.copyOf(pending.entrySet())) {
                List<Maker> makers = next.getValue();
                if (!makers.isEmpty() && makers.stream().allMatch(maker -> isMade(values, maker))) {
                    List<Value> of = makers.stream()
                            .map(maker -> value(values, model, maker))
                            .toList();
                    Maker maker = next.getKey();
                    boolean masked = of.get(0).masked();
                    if (model.isToldMask(maker).orElse(masked) != masked) {
                        throw model.layers()
                                .get(maker.layer())
                                .refused(masked ? MASK_LOST : "is told a mask that its values do not have");
                    }
                    applied(scope, model.layers().get(maker.layer()), of, read.get(maker))
                            .forEach((number, value) ->
                                    values.put(new Maker(maker.layer(), maker.application(), number), value));
                    pending.remove(maker);
                    moved = true;
                }
            }
        }
        Map<Integer, Value> made = new LinkedHashMap<>();
        for (int number : wanted) {
            Maker output = model.outputs().get(number);
            if (!isMade(values, output)) {
                throw new CheckpointException("output '" + output.layer() + "' follows from no input; left are "
                        + pending.keySet().stream().map(Maker::layer).toList());
            }
            made.put(number, value(values, model, output));
        }
        return made;
    }

    /** Whether there is a value, or that of the layer whose state it is. */
    private static boolean isMade(Map<Maker, Value> values, Maker maker) {
        return values.containsKey(maker) || values.containsKey(maker.first());
    }

    /** A value, which is made of the layer's if it is one of the states that the layer gives. */
    private Value value(Map<Maker, Value> values, KerasModel model, Maker maker) {
        return values.computeIfAbsent(maker, state -> {
            KerasConfig config = model.layers().get(state.layer());
            if (!KerasLayers.returnsStates(config)) {
                throw config.refused("its output " + state.output() + " is read, and it gives one alone");
            }
            Graph.Node applied = values.get(state.first()).node();
            return new Value(graph.state(applied, state.output() - 1), false, false, 0);
        });
    }

    /** What a layer gives, or of the model that stands in its place those outputs that are read. */
    private Map<Integer, Value> applied(Scope scope, KerasConfig layer, List<Value> of, Set<Integer> read) {
        boolean distributed = layer.type().equals("TimeDistributed");
        KerasConfig made = distributed ? layer.inner("layer") : layer;
        String name = scope.prefix() + layer.name();
        Group group = scope.groups().get(layer.name());
        if (KerasModel.isModel(made.type())) {
            if (scope.depth() == DEEPEST) {
                throw layer.refused("models stand within models more than " + DEEPEST + " deep");
            }
            KerasModel model = KerasModel.of(made);
            Map<String, Group> within = inner(model, group, distributed ? "/layer" : "");
            return run(new Scope(model, name + "-", scope.each() || distributed, within, scope.depth() + 1), of, read);
        }
        if (++applications > MOST_APPLICATIONS) {
            throw new CheckpointException("applies layers more than " + MOST_APPLICATIONS + " times");
        }
        groups.put(name, group);
        KerasConfig config = new KerasConfig(made.type(), name, made.values());
        return Map.of(0, scope.each() || distributed ? applyEach(config, of) : apply(config, of));
    }

    /** What a layer gives that works on each step of sequences. */
    private Value applyEach(KerasConfig config, List<Value> values) {
        return switch (config.type()) {
            case "Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate" -> apply(config, values);
            default -> timeDistributed(config, only(config, values));
        };
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
            case "Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum" ->
                merged(graph.merge(Merge.valueOf(config.type().toUpperCase(Locale.ROOT)), nodes(values)), values);
            case "Concatenate" -> concatenate(config, values);
            case "Attention", "MultiHeadAttention" -> attention(config, values);
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

    private Value merged(Graph.Node node, List<Value> of) {
        if (of.stream().anyMatch(value -> maskLost.contains(value.node()))) {
            maskLost.add(node);
        }
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
        boolean lost = maskLost.contains(given.node());
        if ((lost || further.stream().anyMatch(value -> maskLost.contains(value.node())))
                && KerasMasks.leavesOut(type)) {
            throw config.refused(MASK_LOST);
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
                        config,
                        new KerasLayers.Place(node.form(), each, version.is3(), given.padding(), value.steps()));
        if (layer != null) {
            node = layer(config, "", layer, node, nodes(further));
        }
        if (config.has("activation") && Set.of("Dense", "Conv1D", "Conv2D").contains(type)) {
            Layer activation = KerasActivations.layer(config, config.text("activation", "linear"), version.is3());
            if (activation != null) {
                node = layer(config, "_activation", activation, node);
            }
        }
        Layer bound = type.equals("ReLU") ? KerasActivations.bound(config) : null;
        if (bound != null) {
            node = layer(config, "_bound", bound, node);
        }
        boolean first = value.channelsFirst() && node.form().dimensions().size() == 3;
        boolean sequence = node.form().sequence();
        int steps = each ? value.steps() : KerasSteps.behind(config, value.steps(), given.padding());
        if (sequence && (lost || (masked && version.losesMasks() && (each || WrittenLayer.isRecurrent(type))))) {
            maskLost.add(node);
        }
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
        return source + " " + groups.keySet();
    }
}
