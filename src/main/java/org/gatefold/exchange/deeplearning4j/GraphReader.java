package org.gatefold.exchange.deeplearning4j;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.layer.Layer;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.form.Flatten;
import org.gatefold.layer.form.Permute;
import org.gatefold.layer.form.RepeatVector;
import org.gatefold.layer.form.Reshape;
import org.gatefold.layer.pooling.TimePooling;
import org.gatefold.model.Graph;
import org.gatefold.model.Merge;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.tensor.Form;

/**
 * Makes a network of the description of a MultiLayerNetwork or a ComputationGraph. Layers keep their names; what is applied to their outputs
 * stands behind them under {@code NAME_activation} and alike. Sequences are {@code [B, T, features]} in and out, whichever axis Deeplearning4j
 * had second; images have channels first. For one description, one thread.
 */
final class GraphReader {
    private static final int MOST_LAYERS = 10_000;
    private static final int MOST_WRAPPED = 16;

    private static final Set<String> READ_ZEROS = Set.of("convolution", "convolution2d", "subsampling");

    private final Graph.Builder graph = Graph.builder();

    private final List<LayerWeights> weights = new ArrayList<>();
    private final Set<String> names = new HashSet<>();
    private final Map<String, Form> given;

    /** Rows and columns of zeros that the next layer puts round a value. */
    private record Value(Graph.Node node, List<Integer> padding) {
        Value(Graph.Node node) {
            this(node, List.of());
        }
    }

    private GraphReader(Map<String, Form> given) {
        this.given = given;
    }

    /**
     * What a description says.
     *
     * @param network of it
     * @param weights what its layers take of the vector of all numbers, in the order of that
     */
    record Read(Network network, List<LayerWeights> weights) {}

    /**
     * @param inputs forms of inputs that the description does not tell, or tells otherwise; by name
     * @throws CheckpointException naming the layer that is not known, or what is wrong with the description
     */
    static Read read(String source, JsonObject model, Map<String, Form> inputs) {
        GraphReader reader = new GraphReader(inputs);
        try {
            Network network = model.has("vertices") ? reader.vertices(model) : reader.list(model);
            for (String name : inputs.keySet()) {
                if (!network.inputs().containsKey(name)) {
                    throw new CheckpointException(
                            "inputs: expected names of " + network.inputs().keySet() + ", got '" + name + "'");
                }
            }
            return new Read(network, List.copyOf(reader.weights));
        } catch (CheckpointException | IllegalArgumentException e) {
            throw new CheckpointException(source + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            // Whatever is not there, or is of another type than Deeplearning4j writes.
            throw new CheckpointException(source + ": its description is damaged, or of a kind that is not known", e);
        }
    }

    private Network list(JsonObject model) {
        if (!(model.get("confs") instanceof JsonArray confs)) {
            throw new CheckpointException(
                    "expected the layers of a network or the vertices of a graph, got fields " + model.keySet());
        }
        if (confs.isEmpty() || confs.size() > MOST_LAYERS) {
            throw new CheckpointException("expected 1 to " + MOST_LAYERS + " layers, got " + confs.size());
        }
        JsonObject processors =
                model.get("inputPreProcessors") instanceof JsonObject object ? object : new JsonObject();
        List<LayerConfig> layers = new ArrayList<>();
        List<LayerConfig> before = new ArrayList<>();
        for (int i = 0; i < confs.size(); i++) {
            layers.add(layer(confs.get(i), "layer" + i));
            JsonElement processor = processors.get(String.valueOf(i));
            before.add(isAbsent(processor) ? null : LayerConfig.of(processor, "preprocessor of layer " + i));
        }
        Form form = given.containsKey(Model.INPUT) ? given.get(Model.INPUT) : InputForms.of(layers, before);
        Value value = new Value(graph.input(Model.INPUT, form));
        for (int i = 0; i < layers.size(); i++) {
            value = apply(layers.get(i), before.get(i), value);
        }
        graph.output(Model.OUTPUT, whole(value));
        return graph.build();
    }

    private static boolean isAbsent(JsonElement json) {
        return json == null || json.isJsonNull();
    }

    private static LayerConfig layer(JsonElement conf, String usual) {
        LayerConfig layer = LayerConfig.of(conf.getAsJsonObject().get("layer"), usual);
        String name = layer.text("layerName", usual);
        return new LayerConfig(layer.type(), name.isBlank() ? usual : name.replace('.', '_'), layer.values());
    }

    private Network vertices(JsonObject model) {
        JsonObject vertices = model.getAsJsonObject("vertices");
        JsonObject sources = model.getAsJsonObject("vertexInputs");
        if (vertices.size() > MOST_LAYERS) {
            throw new CheckpointException("expected at most " + MOST_LAYERS + " vertices, got " + vertices.size());
        }
        List<String> inputs = texts(model, "networkInputs");
        Map<String, Value> values = new LinkedHashMap<>();
        InputForms forms = new InputForms(vertices, sources);
        for (String input : inputs) {
            String name = inputs.size() == 1 ? Model.INPUT : input;
            Form form = given.containsKey(name) ? given.get(name) : forms.of(input);
            values.put(input, new Value(graph.input(name, form)));
        }
        for (String name : order(model, vertices, sources, inputs)) {
            if (inputs.contains(name)) {
                continue;
            }
            List<Value> of = new ArrayList<>();
            for (String input : texts(sources, name)) {
                Value value = values.get(input);
                if (value == null) {
                    throw new CheckpointException("vertex '" + name + "': reads '" + input + "', which is not there");
                }
                of.add(value);
            }
            LayerConfig vertex = LayerConfig.of(vertices.get(name), name);
            values.put(name, vertex.kind().equals("layer") ? layerVertex(vertex, of) : vertex(vertex, of, values));
        }
        List<String> outputs = texts(model, "networkOutputs");
        for (String output : outputs) {
            if (!values.containsKey(output)) {
                throw new CheckpointException("output '" + output + "': there is no such vertex");
            }
            graph.output(outputs.size() == 1 ? Model.OUTPUT : output, whole(values.get(output)));
        }
        return graph.build();
    }

    private static List<String> texts(JsonObject object, String name) {
        if (!(object.get(name) instanceof JsonArray array)) {
            throw new CheckpointException("'" + name + "': expected a list of names, got " + object.get(name));
        }
        List<String> texts = new ArrayList<>();
        array.forEach(one -> texts.add(one.getAsString()));
        return texts;
    }

    /** Numbers lie in the order in which Deeplearning4j visits vertices, which it writes down; a chain has but one. */
    private static List<String> order(JsonObject model, JsonObject vertices, JsonObject sources, List<String> inputs) {
        if (model.get("topologicalOrderStr") instanceof JsonArray) {
            List<String> order = texts(model, "topologicalOrderStr");
            Set<String> expected = new HashSet<>(vertices.keySet());
            expected.addAll(inputs);
            if (order.size() != expected.size() || !expected.equals(new HashSet<>(order))) {
                throw new CheckpointException("'topologicalOrderStr': expected each vertex once, got " + order);
            }
            return order;
        }
        List<String> chain = new ArrayList<>();
        String last = inputs.size() == 1 ? inputs.get(0) : null;
        while (last != null) {
            chain.add(last);
            String known = last;
            List<String> next = vertices.keySet().stream()
                    .filter(name -> texts(sources, name).equals(List.of(known)))
                    .toList();
            last = next.size() == 1 && chain.size() <= vertices.size() ? next.get(0) : null;
        }
        if (chain.size() != vertices.size() + 1) {
            throw new CheckpointException("says no order of its vertices, and so not whose numbers come when: write it"
                    + " anew with Deeplearning4j 1.0.0-beta4 or later");
        }
        return chain;
    }

    private Value layerVertex(LayerConfig vertex, List<Value> of) {
        if (of.size() != 1) {
            throw vertex.refused("reads " + of.size() + " values; expected one");
        }
        LayerConfig conf = layer(vertex.values().get("layerConf"), vertex.name());
        JsonElement before = vertex.values().get("preProcessor");
        return apply(
                new LayerConfig(conf.type(), vertex.name().replace('.', '_'), conf.values()),
                isAbsent(before) ? null : LayerConfig.of(before, vertex.name()),
                of.get(0));
    }

    private Value vertex(LayerConfig vertex, List<Value> of, Map<String, Value> values) {
        Graph.Node[] nodes = of.stream().map(this::whole).toArray(Graph.Node[]::new);
        if (nodes.length == 0) {
            throw vertex.refused("reads nothing");
        }
        return new Value(
                switch (vertex.kind()) {
                    case "merge" -> {
                        if (nodes[0].form().dimensions().size() != 1) {
                            throw vertex.refused("puts images side by side, which is not known");
                        }
                        yield nodes.length == 1 ? nodes[0] : graph.concatenate(nodes);
                    }
                    case "elementwise" -> elementwise(vertex, nodes);
                    case "scale" -> scaled(vertex, nodes[0], (float) vertex.real("scaleFactor", 1));
                    case "lasttimestep" -> named(vertex, "", TimePooling.last(), nodes[0]);
                    case "duplicatetotimeseries" -> {
                        Value series = values.get(vertex.text("inputName", ""));
                        if (series == null) {
                            throw vertex.refused("repeats a vector for each step of an input that is not there");
                        }
                        yield graph.merge(Merge.REPEAT, nodes[0], whole(series));
                    }
                    case "preprocessor" -> {
                        Value changed = preprocessed(vertex.inner("preProcessor"), vertex.name(), of.get(0), 0);
                        yield whole(changed);
                    }
                    default -> throw vertex.refused("vertices of this class are not known");
                });
    }

    private Graph.Node elementwise(LayerConfig vertex, Graph.Node... nodes) {
        String operation = vertex.text("op", "");
        if (nodes.length == 1) {
            return nodes[0];
        }
        return switch (operation) {
            case "Add" -> graph.add(nodes);
            case "Product" -> graph.multiply(nodes);
            case "Average" -> graph.average(nodes);
            case "Subtract" -> graph.merge(Merge.SUBTRACT, nodes);
            case "Max" -> graph.maximum(nodes);
            default -> throw vertex.refused("the operation '" + operation + "' is not known");
        };
    }

    /** A value by a factor: by a matrix that is not trained. */
    private Graph.Node scaled(LayerConfig vertex, Graph.Node x, float factor) {
        if (x.form().dimensions().size() != 1) {
            throw vertex.refused("scales images, which is not known");
        }
        int features = x.form().last();
        Layer layer = Linear.of(features).withoutBias();
        Graph.Node node = named(vertex, "_scale", layer, x);
        weights.add(LayerWeights.diagonal(layer.name(), features, factor));
        return node;
    }

    private Value apply(LayerConfig config, LayerConfig before, Value given) {
        return layer(config, before == null ? given : preprocessed(before, config.name(), given, 0), 0, false);
    }

    /** A layer in what wraps it. */
    private Value layer(LayerConfig config, Value x, int wrapped, boolean frozen) {
        if (wrapped > MOST_WRAPPED) {
            throw config.refused("is wrapped more than " + MOST_WRAPPED + " times");
        }
        return switch (config.kind()) {
            case "frozen" -> layer(inner(config, "layer"), x, wrapped + 1, true);
            case "frozenlayerwithbackprop" -> layer(inner(config, "underlying"), x, wrapped + 1, true);
            case "timedistributed" -> layer(inner(config, "underlying"), x, wrapped + 1, frozen);
            case "lasttimestep" -> {
                Value steps = layer(inner(config, "underlying"), x, wrapped + 1, frozen);
                yield new Value(named(config, "_last", TimePooling.last(), whole(steps)));
            }
            case "zeropadding" -> {
                List<Integer> sides = config.integers("padding", 4, 0);
                if (!sides.get(0).equals(sides.get(1)) || !sides.get(2).equals(sides.get(3))) {
                    throw config.refused("pads by " + sides + " rows and columns, not as many before as behind");
                }
                yield new Value(whole(x), List.of(sides.get(0), sides.get(2)));
            }
            default -> plain(config, x, frozen);
        };
    }

    private static LayerConfig inner(LayerConfig config, String option) {
        LayerConfig inner = config.inner(option);
        return new LayerConfig(inner.type(), config.name(), inner.values());
    }

    private Value plain(LayerConfig config, Value x, boolean frozen) {
        if (!x.padding().isEmpty() && !READ_ZEROS.contains(config.kind())) {
            throw config.refused("reads what zeros were put round; expected a convolution");
        }
        Graph.Node node = x.node();
        Layer dropout = LayerReader.dropout(config);
        if (dropout != null) {
            node = named(config, "_dropout", dropout, node);
        }
        String name = unused(config.name());
        LayerReader.Made made = LayerReader.of(config, name, node.form(), x.padding());
        if (made.layer() != null) {
            node = graph.layer(made.layer().named(name), node);
        }
        if (made.weights() != null) {
            weights.add(frozen ? made.weights().frozen() : made.weights());
        }
        if (made.function() != null) {
            node = named(config, made.layer() == null ? "" : "_activation", made.function(), node);
        }
        return new Value(node);
    }

    /** Where two layers have one name, later ones get a number. */
    private String unused(String name) {
        String free = name;
        for (int number = 2; !names.add(free); number++) {
            free = name + "_" + number;
        }
        return free;
    }

    private Graph.Node named(LayerConfig config, String ending, Layer layer, Graph.Node x) {
        return graph.layer(layer.named(unused(config.name().replace('.', '_') + ending)), x);
    }

    private Value preprocessed(LayerConfig processor, String name, Value given, int depth) {
        if (depth > MOST_WRAPPED) {
            throw processor.refused("is nested too deeply");
        }
        Graph.Node x = whole(given);
        boolean sequence = x.form().sequence();
        LayerConfig named = new LayerConfig(processor.type(), name, processor.values());
        return switch (processor.kind()) {
            // Rows of a batch, step by step, are a sequence here all the time.
            case "rnntofeedforward" -> given;
            case "feedforwardtornn" -> sequence ? given : new Value(named(named, "_step", RepeatVector.of(1), x));
            case "cnntofeedforward", "cnntornn" -> {
                if (x.form().dimensions().size() != 3) {
                    yield given;
                }
                requireImage(processor, x.form());
                yield new Value(named(named, "_flat", Flatten.create(), isLast(processor) ? last(named, x) : x));
            }
            case "feedforwardtocnn", "rnntocnn" -> {
                int channels = processor.size("numChannels");
                int height = processor.size("inputHeight");
                int width = processor.size("inputWidth");
                if (x.form().dimensions().size() == 3) {
                    yield given;
                }
                Layer image =
                        isLast(processor) ? Reshape.of(height, width, channels) : Reshape.of(channels, height, width);
                Graph.Node shaped = named(named, "_image", image, x);
                yield new Value(isLast(processor) ? named(named, "_first", Permute.of(3, 1, 2), shaped) : shaped);
            }
            case "composableinput" -> {
                Value value = given;
                for (JsonElement one : processor.values().getAsJsonArray("inputPreProcessors")) {
                    value = preprocessed(LayerConfig.of(one, name), name, value, depth + 1);
                }
                yield value;
            }
            default -> throw processor.refused("preprocessors of this class are not known");
        };
    }

    private static boolean isLast(LayerConfig processor) {
        return processor.text("format", "NCHW").equals("NHWC");
    }

    private Graph.Node last(LayerConfig config, Graph.Node x) {
        return named(config, "_channels", Permute.of(2, 3, 1), x);
    }

    private static void requireImage(LayerConfig processor, Form form) {
        List<Integer> expected = List.of(
                processor.integer("numChannels"), processor.integer("inputHeight"), processor.integer("inputWidth"));
        if (!form.dimensions().equals(expected)) {
            throw processor.refused("expected images of " + expected + ", got " + form
                    + "; if the images are of another size, say the form of the input");
        }
    }

    private Graph.Node whole(Value value) {
        if (!value.padding().isEmpty()) {
            throw new CheckpointException("zeros are put round a value that no convolution reads");
        }
        return value.node();
    }
}
