package org.gatefold.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.gatefold.device.Device;
import org.gatefold.layer.Layer;
import org.gatefold.layer.LayerDescription;
import org.gatefold.layer.Parameter;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;

/**
 * What a model is, apart from where it lives: named inputs and outputs with their forms, layers, names and shapes of
 * parameters. It is on no device, takes no memory for weights and draws none; {@link #on} begins a {@link Model} of it.
 *
 * <p>Immutable and safe for many threads; any number of models can be made of one network.
 */
public final class Network {
    private final NetworkDescription description;
    private final Supplier<? extends Module> maker;
    private final Map<String, Form> inputs;
    private final Map<String, Form> outputs;
    private final List<LayerForm> layers;
    private final Map<String, Shape> parameters;

    /**
     * A layer as it stands in the network.
     *
     * @param layer what it is
     * @param input what it takes
     * @param output what it gives
     * @param parameters number of its learned numbers
     */
    public record LayerForm(LayerDescription layer, Form input, Form output, long parameters) {}

    /** Collects the layers of a network that stand one after the other. One thread at a time. */
    public static final class Builder {
        private final Form input;
        private final List<Layer> layers = new ArrayList<>();

        private Builder(Form input) {
            this.input = input;
        }

        /** Adds a layer on top. */
        public Builder add(Layer layer) {
            layers.add(layer);
            return this;
        }

        /**
         * The network, with input {@value Model#INPUT} and output {@value Model#OUTPUT}.
         *
         * @throws IllegalArgumentException if there is no layer, or naming the first that does not take what comes to it
         */
        public Network build() {
            return of(Graph.chain(input, layers));
        }
    }

    /**
     * @param module as it was declared
     * @param maker makes more such modules
     */
    private Network(Module module, Supplier<? extends Module> maker) {
        if (module == null) {
            throw new IllegalArgumentException("maker: expected one that makes a module, got null from it");
        }
        module.requireComplete();
        this.maker = maker;
        description = module.description();
        inputs = Collections.unmodifiableMap(new LinkedHashMap<>(module.inputs()));
        outputs = Collections.unmodifiableMap(new LinkedHashMap<>(module.outputs()));
        Map<String, Shape> shapes = new LinkedHashMap<>();
        Map<String, Long> counts = new HashMap<>();
        for (Parameter parameter : module.parameters().list()) {
            shapes.put(parameter.name(), parameter.shape());
            String owner =
                    parameter.name().substring(0, Math.max(0, parameter.name().indexOf('.')));
            counts.merge(owner, parameter.shape().elements(), Long::sum);
        }
        parameters = Collections.unmodifiableMap(shapes);
        layers = module.layers().values().stream()
                .map(layer -> new LayerForm(
                        layer.description(), layer.input(), layer.output(), counts.getOrDefault(layer.name(), 0L)))
                .toList();
    }

    /** Begins a network of layers that stand one after the other. */
    public static Builder sequential(Form input) {
        return new Builder(input);
    }

    /**
     * A network of a program's own module.
     *
     * @param maker makes a module; called now, and once for every model
     */
    public static Network of(Supplier<? extends Module> maker) {
        return new Network(maker.get(), maker);
    }

    /** A network of a graph that describes itself; models have graphs of their own. */
    static Network of(Graph graph) {
        GraphDescription described = graph.description();
        return new Network(graph, () -> DescribedGraph.of(described, (name, shape) -> {}));
    }

    /**
     * A network as described.
     *
     * @throws IllegalArgumentException if the description contradicts itself, or names a type that is not known
     */
    public static Network of(NetworkDescription description) {
        return of(description, (name, shape) -> {});
    }

    /**
     * As {@link #of(NetworkDescription)}, for descriptions that may claim anything.
     *
     * @param declared is told name and shape of each parameter before the next one is looked at, and may refuse it by
     *     throwing
     */
    public static Network of(NetworkDescription description, BiConsumer<String, Shape> declared) {
        if (description instanceof GraphDescription graph) {
            return of(DescribedGraph.of(graph, declared));
        }
        ModuleDescription module = (ModuleDescription) description;
        Network network = of(() -> Modules.of(module));
        network.parameters.forEach(declared);
        return network;
    }

    /** This network as plain data. */
    public NetworkDescription description() {
        return description;
    }

    /** The inputs by name, in the order of declaration. */
    public Map<String, Form> inputs() {
        return inputs;
    }

    /** The outputs by name, in the order of declaration. */
    public Map<String, Form> outputs() {
        return outputs;
    }

    /** The layers in the order of declaration. */
    public List<LayerForm> layers() {
        return layers;
    }

    /** The shapes of the parameters by name, in the order of declaration. */
    public Map<String, Shape> parameters() {
        return parameters;
    }

    /** Number of learned numbers. */
    public long parameterCount() {
        return parameters.values().stream().mapToLong(Shape::elements).sum();
    }

    /** Layers, forms and number of parameters as a table. */
    public String summary() {
        return Summary.of(this);
    }

    /** Begins a model of this network on a device. */
    public Model.Builder on(Device device) {
        return new Model.Builder(device, this);
    }

    /** A module for one model. */
    Module module() {
        Module module = maker.get();
        Map<String, Shape> shapes = new LinkedHashMap<>();
        module.parameters().list().forEach(parameter -> shapes.put(parameter.name(), parameter.shape()));
        if (!shapes.equals(parameters)
                || !module.inputs().equals(inputs)
                || !module.outputs().equals(outputs)) {
            throw new IllegalStateException(
                    "module: " + module.type()
                            + " was made with other inputs, outputs or parameters than before; its maker must always make the same");
        }
        return module;
    }

    @Override
    public String toString() {
        return "network " + inputs + " to " + outputs + ", " + parameterCount() + " parameters";
    }
}
