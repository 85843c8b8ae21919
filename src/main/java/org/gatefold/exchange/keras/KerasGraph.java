package org.gatefold.exchange.keras;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.exchange.keras.KerasModel.Maker;
import org.gatefold.layer.Layer;
import org.gatefold.layer.basic.AllSteps;
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
            "AdditiveAttention",
            "MultiHeadAttention");

    /** What makes other rows of rows; of sequences, of steps whose number is known. */
    private static final Set<String> OF_ROWS = Set.of("Flatten", "Reshape", "Permute");

    private static final int[] FIRST = {3, 1, 2};
    private static final int[] LAST = {2, 3, 1};

    private final String source;
    private final KerasVersion version;
    private final Graph.Builder graph = Graph.builder();
    private final Map<String, Layer> made = new LinkedHashMap<>();
    private final Map<String, Group> groups = new HashMap<>();

    private int turns;
    private int applications;

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
        List<KerasValue> given = new ArrayList<>();
        for (Maker input : model.inputs()) {
            String name = model.inputs().size() == 1 ? Model.INPUT : input.layer();
            given.add(input(name, model.shape(input), model.reader(input)));
        }
        Set<Integer> all = IntStream.range(0, model.outputs().size()).boxed().collect(Collectors.toSet());
        Map<Integer, KerasValue> made = run(new Scope(model, "", false, whole(model), 0), given, all);
        for (int i = 0; i < made.size(); i++) {
            Maker output = model.outputs().get(i);
            graph.output(made.size() == 1 ? Model.OUTPUT : name(model, output), whole(made.get(i)));
        }
        return graph.prune().build();
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
    private Map<Integer, KerasValue> run(Scope scope, List<KerasValue> given, Set<Integer> wanted) {
        KerasModel model = scope.model();
        if (given.size() != model.inputs().size()) {
            throw new CheckpointException("'" + scope.prefix() + "' reads " + given.size() + " values; expected "
                    + model.inputs().size());
        }
        Map<Maker, KerasValue> values = new LinkedHashMap<>();
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
                    List<KerasValue> of = makers.stream()
                            .map(maker -> value(values, model, maker))
                            .toList();
                    Maker maker = next.getKey();
                    KerasConfig layer = model.layers().get(maker.layer());
                    boolean masked = of.get(0).masked();
                    boolean told = model.isToldMask(maker).orElse(masked);
                    if (told && !masked) {
                        throw layer.refused("is told a mask that its values do not have");
                    }
                    List<KerasValue> from = told == masked
                            ? of
                            : of.stream().map(value -> opened(layer, value)).toList();
                    applied(scope, layer, from, read.get(maker))
                            .forEach((number, value) ->
                                    values.put(new Maker(maker.layer(), maker.application(), number), value));
                    pending.remove(maker);
                    moved = true;
                }
            }
        }
        Map<Integer, KerasValue> made = new LinkedHashMap<>();
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
    private static boolean isMade(Map<Maker, KerasValue> values, Maker maker) {
        return values.containsKey(maker) || values.containsKey(maker.first());
    }

    /** A value, which is made of the layer's if it is one of the states that the layer gives. */
    private KerasValue value(Map<Maker, KerasValue> values, KerasModel model, Maker maker) {
        return values.computeIfAbsent(maker, state -> {
            KerasConfig config = model.layers().get(state.layer());
            if (!KerasLayers.returnsStates(config)) {
                throw config.refused("its output " + state.output() + " is read, and it gives one alone");
            }
            Graph.Node applied = values.get(state.first()).node();
            return new KerasValue(graph.state(applied, state.output() - 1), false, 0);
        });
    }

    /** What a layer gives, or of the model that stands in its place those outputs that are read. */
    private Map<Integer, KerasValue> applied(Scope scope, KerasConfig layer, List<KerasValue> of, Set<Integer> read) {
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
    private KerasValue applyEach(KerasConfig config, List<KerasValue> values) {
        return switch (config.type()) {
            case "Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate" -> apply(config, values);
            default -> timeDistributed(config, only(config, values));
        };
    }

    private KerasValue input(String name, List<Integer> shape, KerasConfig consumer) {
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
        return new KerasValue(graph.input(name, form), false, form.sequence() ? shape.get(1) : 0);
    }

    private KerasValue apply(KerasConfig config, List<KerasValue> values) {
        return switch (config.type()) {
            case "Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum" ->
                merged(
                        config,
                        values,
                        nodes -> graph.merge(Merge.valueOf(config.type().toUpperCase(Locale.ROOT)), nodes));
            case "Concatenate" -> concatenate(config, values);
            case "Attention", "AdditiveAttention", "MultiHeadAttention" -> attention(config, values);
            case "InputLayer" -> throw config.refused("is no input of the model");
            case "LSTM", "CuDNNLSTM", "GRU", "CuDNNGRU", "SimpleRNN", "Bidirectional" ->
                applyOne(config, values.get(0), false, values.subList(1, values.size()));
            default -> {
                KerasValue value = only(config, values);
                yield KerasColumns.isChannels(config, value.node().form())
                        ? inColumns(config, value, false)
                        : applyOne(config, value, false);
            }
        };
    }

    /** Queries, what is attended to, and perhaps keys, which have to be the same. */
    private KerasValue attention(KerasConfig config, List<KerasValue> values) {
        if (values.size() < 2 || (values.size() == 3 && !values.get(2).equals(values.get(1)))) {
            throw config.refused("has keys that are not its values");
        }
        boolean own = values.get(0).equals(values.get(1));
        return applyOne(config, values.get(0), false, own ? List.of() : List.of(values.get(1)));
    }

    /** What reads sequences within the steps of a sequence reads them as images of one column. */
    private KerasValue timeDistributed(KerasConfig inner, KerasValue given) {
        return KerasColumns.readsSteps(inner)
                        || KerasColumns.isChannels(inner, given.node().form())
                ? inColumns(inner, given, true)
                : applyOne(inner, given, true);
    }

    private KerasValue inColumns(KerasConfig inner, KerasValue given, boolean each) {
        KerasValue columns = given;
        if (given.node().form().dimensions().size() == 2) {
            List<Integer> sizes = given.node().form().dimensions();
            columns = given.through(node -> {
                Layer column = Reshape.of(sizes.get(0), 1, sizes.get(1)).named("columns_" + turns++);
                return graph.layer(column, node);
            });
        }
        KerasValue made = applyOne(KerasColumns.of(inner), columns, each);
        if (!made.padding().isEmpty() || made.node().form().dimensions().size() != 3) {
            return made;
        }
        KerasValue last = last(made);
        List<Integer> sizes = last.node().form().dimensions();
        return last.through(node -> {
            Layer steps = Reshape.of(sizes.get(0), sizes.get(2)).named("columns_" + turns++);
            return graph.layer(steps, node);
        });
    }

    private static KerasValue only(KerasConfig config, List<KerasValue> values) {
        if (values.size() != 1) {
            throw config.refused("reads " + values.size() + " values; expected one");
        }
        return values.get(0);
    }

    private KerasValue concatenate(KerasConfig config, List<KerasValue> values) {
        Form form = whole(values.get(0)).form();
        int axis = config.has("axis") ? config.integer("axis") : -1;
        if (axis != -1 && axis != form.dimensions().size() + (form.sequence() ? 1 : 0)) {
            throw config.refused("joins along axis " + axis + "; expected the last");
        }
        return merged(config, values, graph::concatenate);
    }

    /** In Keras 3 what is made of several values has no mask, or one that leaves out nothing, if one of them has none. */
    private KerasValue merged(KerasConfig config, List<KerasValue> of, Function<Graph.Node[], Graph.Node> join) {
        List<KerasValue> values = of;
        boolean all = of.stream().allMatch(KerasValue::masked);
        if (version.is3() && !all) {
            values = of.stream().map(value -> opened(config, value)).toList();
        }
        int steps = values.stream().mapToInt(KerasValue::steps).max().orElse(0);
        Graph.Node[] nodes = values.stream().map(this::whole).toArray(Graph.Node[]::new);
        Graph.Node node = join.apply(nodes);
        if (values.stream().noneMatch(KerasValue::masked)) {
            return new KerasValue(node, false, steps);
        }
        List<KerasValue> masked = values;
        boolean known = masked.stream().allMatch(value -> !value.masked() || value.open() != null);
        Supplier<Graph.Node> open = KerasValue.once(() -> join.apply(
                masked.stream().map(value -> whole(opened(config, value))).toArray(Graph.Node[]::new)));
        return KerasValue.masked(node, known ? open : null, steps);
    }

    /** A value of which all steps count. */
    private static KerasValue opened(KerasConfig reader, KerasValue value) {
        KerasValue opened = value.opened();
        if (opened == null) {
            throw reader.refused(
                    "reads all steps of attention whose queries a mask leaves out; expected what heeds masks");
        }
        return opened;
    }

    private KerasValue applyOne(KerasConfig config, KerasValue given, boolean each) {
        return applyOne(config, given, each, List.of());
    }

    private KerasValue applyOne(KerasConfig config, KerasValue given, boolean each, List<KerasValue> further) {
        String type = config.type();
        boolean all = KerasMasks.readsAll(type);
        KerasValue read = all ? opened(config, given) : given;
        Graph.Node[] beside = further.stream()
                .map(value -> whole(all ? opened(config, value) : value))
                .toArray(Graph.Node[]::new);
        if (!read.padding().isEmpty() && !KerasLayers.takesPadding(config)) {
            throw config.refused("reads what zeros were put round; expected a convolution or means without padding");
        }
        if (type.startsWith("ZeroPadding")) {
            return read.withPadding(KerasLayers.padding(config));
        }
        KerasValue value = stepsOrRows(config, turned(config, read), each);
        if (type.equals("Embedding") && config.flag("mask_zero", false)) {
            Graph.Node ids = value.node();
            value = KerasValue.masked(layer(config, "_mask", Masking.tokens(0), ids), () -> ids, value.steps());
        }
        Layer layer = made.containsKey(config.name())
                ? made.get(config.name())
                : KerasLayers.of(
                        config,
                        new KerasLayers.Place(value.node().form(), each, version.is3(), read.padding(), value.steps()));
        return masked(config, value, each, node -> applied(config, layer, node, beside), read.padding());
    }

    /**
     * What a layer gives, and its mask.
     *
     * @param layers the layer and what follows it under its name
     * @param padding that it reads
     */
    private KerasValue masked(
            KerasConfig config,
            KerasValue value,
            boolean each,
            UnaryOperator<Graph.Node> layers,
            List<Integer> padding) {
        String type = config.type();
        Graph.Node node = layers.apply(value.node());
        boolean sequence = node.form().sequence();
        int steps = !sequence ? 0 : each ? value.steps() : KerasSteps.behind(config, value.steps(), padding);
        boolean first = value.channelsFirst() && node.form().dimensions().size() == 3;
        boolean recurrent = WrittenLayer.isRecurrent(type);
        if (!sequence || !(value.masked() || type.equals("Masking"))) {
            return new KerasValue(node, first, steps);
        }
        Supplier<Graph.Node> open;
        if (type.equals("Masking") || (recurrent && !each)) {
            open = KerasValue.once(() -> graph.layer(AllSteps.create().named("all_steps_" + turns++), node));
        } else if (value.open() == null || KerasMasks.dependsOnQueries(type)) {
            open = null;
        } else {
            open = KerasValue.once(() -> layers.apply(value.open().get()));
        }
        KerasValue made = new KerasValue(node, first, true, open, steps, List.of());
        return version.losesMasks() && (each || recurrent) ? opened(config, made) : made;
    }

    /** Applies a layer, with the activation or the bound that stands in its description; null for one that changes nothing. */
    private Graph.Node applied(KerasConfig config, Layer layer, Graph.Node x, Graph.Node... further) {
        Graph.Node node = layer == null ? x : layer(config, "", layer, x, further);
        if (config.has("activation") && Set.of("Dense", "Conv1D", "Conv2D").contains(config.type())) {
            Layer activation = KerasActivations.layer(config, config.text("activation", "linear"), version.is3());
            if (activation != null) {
                node = layer(config, "_activation", activation, node);
            }
        }
        Layer bound = config.type().equals("ReLU") ? KerasActivations.bound(config) : null;
        return bound == null ? node : layer(config, "_bound", bound, node);
    }

    /** A value with its channels where a layer reads them. */
    private KerasValue turned(KerasConfig config, KerasValue value) {
        boolean image = value.node().form().dimensions().size() == 3;
        if (IMAGE_LAYERS.contains(config.type()) || (image && config.type().equals("BatchNormalization"))) {
            return first(value);
        }
        return ELEMENTWISE.contains(config.type())
                        && !config.text("activation", "").contains("softmax")
                ? value
                : last(value);
    }

    /** Rows as sequences for a layer that reads such, and sequences as rows for one that joins their steps. */
    private KerasValue stepsOrRows(KerasConfig config, KerasValue value, boolean each) {
        Form form = value.node().form();
        if ((each || OF_STEPS.contains(config.type()))
                && !form.sequence()
                && form.dimensions().size() > 1) {
            Layer steps = ToSequence.create().named("steps_" + turns++);
            return new KerasValue(
                    graph.layer(steps, value.node()), false, form.dimensions().get(0));
        }
        if (!each && form.sequence() && KerasLayers.joinsSteps(config, form)) {
            if (value.steps() == 0) {
                throw config.refused("makes features of all steps, whose number the model leaves open");
            }
            Layer rows = ToRows.of(value.steps()).named("rows_" + turns++);
            return new KerasValue(graph.layer(rows, value.node()), false, 0);
        }
        return value;
    }

    /** Applies a layer under the name of Keras', or the one that was applied under it before. */
    private Graph.Node layer(KerasConfig config, String ending, Layer layer, Graph.Node x, Graph.Node... further) {
        String name = config.name() + ending;
        Layer known = made.putIfAbsent(name, layer);
        return graph.layer(known == null ? layer.named(name) : known, x, further);
    }

    private KerasValue first(KerasValue value) {
        return value.channelsFirst() ? value : turned(value, FIRST, true);
    }

    /** A value that is merged or given. */
    private Graph.Node whole(KerasValue value) {
        if (!value.padding().isEmpty()) {
            throw new CheckpointException("zeros are put round a value that no convolution reads");
        }
        return last(value).node();
    }

    private KerasValue last(KerasValue value) {
        return value.channelsFirst() ? turned(value, LAST, false) : value;
    }

    private KerasValue turned(KerasValue value, int[] order, boolean channelsFirst) {
        if (value.node().form().dimensions().size() != 3) {
            throw new CheckpointException("expected images of height, width and channels, got "
                    + value.node().form());
        }
        return value.through(node -> graph.layer(Permute.of(order).named("permute_channels_" + turns++), node))
                .withChannelsFirst(channelsFirst);
    }

    @Override
    public String toString() {
        return source + " " + groups.keySet();
    }
}
