package org.gatefold.model;

import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.StreamStates;
import org.gatefold.op.Precision;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;

/**
 * How outputs follow from inputs: layers and parameters, and a forward pass of the program's own, with conditions, loops and
 * states where a {@link Graph} has none. PyTorch's {@code nn.Module}, Keras' subclassed {@code Model}.
 *
 * <p>A subclass declares inputs, layers, parameters and outputs while it is constructed, each by one call, and computes in
 * {@link #forward}. It is on no device; {@link Network#of} makes a network of it, and every {@link Model} of that one module
 * of its own. To be loaded from a file, its class has a public method {@code static MyModule described(Options options)}, or
 * its type is registered with {@link Modules}. Once placed, several threads may run it, each in a context of its own.
 */
@SuppressWarnings("JavaLangClash") // the word of the field; java.lang.Module is no class that models deal with
public abstract class Module {
    private final ParameterStore parameters;
    private final Map<String, Form> inputs = new LinkedHashMap<>();
    private final Map<String, Form> outputs = new LinkedHashMap<>();
    private final Map<String, Layer> layers = new LinkedHashMap<>();
    private final Map<String, Integer> unnamed = new HashMap<>();
    private boolean placed;

    protected Module() {
        this(new ParameterStore());
    }

    Module(ParameterStore parameters) {
        this.parameters = parameters;
    }

    /**
     * Declares an input.
     *
     * @return its form, for the layers that read it
     */
    protected final Form input(String name, Form form) {
        declare("input", inputs, name, form);
        return form;
    }

    /** Declares an output. */
    protected final void output(String name, Form form) {
        declare("output", outputs, name, form);
    }

    private static void declare(String what, Map<String, Form> forms, String name, Form form) {
        if (name == null || name.isBlank()) {
            throw new IllegalArgumentException(what + ": expected a name, got '" + name + "'");
        }
        if (form == null) {
            throw new IllegalArgumentException(what + " '" + name + "': expected a form, got none");
        }
        if (forms.putIfAbsent(name, form) != null) {
            throw new IllegalArgumentException(what + " '" + name + "': the name is taken");
        }
    }

    /**
     * Declares a layer and its parameters. It may be applied any number of times.
     *
     * @param in what it will get
     * @return the layer, which knows from now on what it gives
     */
    protected final <L extends Layer> L layer(L layer, Form in) {
        String type = layer.defaultName();
        int count = unnamed.merge(type, 1, Integer::sum);
        layer.build(parameters, count == 1 ? type : type + count, in);
        if (layers.putIfAbsent(layer.name(), layer) != null) {
            throw new IllegalArgumentException(
                    "layer '" + layer.name() + "': the name is taken; give each layer its own");
        }
        return layer;
    }

    /** Takes back a layer without parameters. */
    final void forget(Layer layer) {
        layers.remove(layer.name());
    }

    /**
     * Declares a parameter beside those of the layers.
     *
     * @param name unique within the module
     */
    protected final Parameter parameter(String name, Shape shape, Initializer first) {
        return parameters.declare(name, shape, first);
    }

    /**
     * Computes the outputs; recorded if the context has a tape.
     *
     * @param inputs by name, each of its form
     * @return by name, each of its form
     */
    protected abstract Map<String, Variable> forward(Context context, Map<String, Variable> inputs);

    /**
     * Reports the tensors that {@link #forward} and its way back take from the step's arena, without the inputs. By default
     * those of each layer applied once; a module that does more reports more.
     */
    protected void account(StepMemory memory, int steps, int batch) {
        layers.values().forEach(layer -> layer.footprint(memory, steps, batch));
    }

    /**
     * Asks the layers what they carry from chunk to chunk of a stream, by {@link StreamStates#add}. Refuses by default: only the module knows
     * whether its own steps stand for themselves. One whose layers alone look beyond a step adds all of them.
     *
     * @throws IllegalArgumentException if it cannot run chunk by chunk, with the reason
     */
    protected void stream(StreamStates states) {
        throw new IllegalArgumentException("stream: module " + type()
                + " does not say how it goes from chunk to chunk: its class does not override stream");
    }

    /** The inputs that a stream takes, by name: by default all; without those that are states of the module's own. */
    protected Map<String, Form> streamInputs() {
        return inputs();
    }

    /** The outputs that a stream gives, by name: by default all; without those that are states of the module's own. */
    protected Map<String, Form> streamOutputs() {
        return outputs();
    }

    /**
     * The inputs of {@link #forward} in a stream: by default those given; with states of the module's own, what {@link StreamStates#before}
     * has of them.
     *
     * @param given by the names of {@link #streamInputs()}
     */
    protected Map<String, Variable> fromStates(Context context, StreamStates states, Map<String, Variable> given) {
        return given;
    }

    /** Gives the states of the module's own after a pass to {@link StreamStates#after}; by default there are none. */
    protected void toStates(StreamStates states, Map<String, Variable> outputs) {}

    /** The type in descriptions; by default the name of the class. */
    public String type() {
        return getClass().getName();
    }

    /** The options that make this module again: strings, numbers, booleans or maps of such; none by default. */
    protected Map<String, Object> options() {
        return Map.of();
    }

    /** What is needed to make this module again, without its weights. */
    public NetworkDescription description() {
        return new ModuleDescription(type(), options());
    }

    /** Whether any matrix product is computed in the given precision. */
    public boolean computesIn(Precision precision) {
        return layers.values().stream().anyMatch(layer -> layer.computesIn(precision));
    }

    /** Whether a batch may go on, row by row, with the states of the batch before. */
    public boolean carriesStates() {
        return layers.values().stream().anyMatch(Layer::carriesStates);
    }

    /**
     * The layers that look up ids of an input as they come in; by default none is known, and ids outside a table give vectors of NaN.
     *
     * @param input its name
     */
    protected List<Layer> lookUps(String input) {
        return List.of();
    }

    /** The inputs by name, in the order of declaration. */
    public final Map<String, Form> inputs() {
        return Collections.unmodifiableMap(inputs);
    }

    /** The outputs by name, in the order of declaration. */
    public final Map<String, Form> outputs() {
        return Collections.unmodifiableMap(outputs);
    }

    /** The layers by name, in the order of declaration. */
    public final Map<String, Layer> layers() {
        return Collections.unmodifiableMap(layers);
    }

    final ParameterStore parameters() {
        return parameters;
    }

    /** Checks that it can be a network. */
    final void requireComplete() {
        if (inputs.isEmpty()) {
            throw new IllegalArgumentException("module: expected at least one input, got none");
        }
        if (outputs.isEmpty()) {
            throw new IllegalArgumentException("module: expected at least one output, got none");
        }
    }

    /** Makes it that of one model, once. */
    final void place() {
        if (placed) {
            throw new IllegalStateException("module: belongs to a model already; make a new one for each");
        }
        placed = true;
    }
}
