package org.gatefold.layer;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.op.Arguments;
import org.gatefold.op.Precision;
import org.gatefold.tensor.ElementType;
import org.gatefold.tensor.Form;

/**
 * A part of a model: parameters, declared while the model is built, and one forward pass. Programs may extend it: a layer
 * of their own is trained like the others, and saved and loaded as {@link Layers} says.
 *
 * <p>A layer is configured, then built once as part of one model, then run; it knows no device, the {@link Context} does.
 * After building, several threads may run it, each in a context of its own.
 */
public abstract class Layer {
    private String name;
    private Form input;
    private Form output;
    private ParameterStore store;

    /**
     * The layer's type in descriptions, for instance {@code "Lstm"}; by default the name of its class, without the package if a {@link
     * LayerFamily} of that package offers it.
     */
    public String type() {
        return Layers.type(getClass());
    }

    /**
     * The options that make this layer again, in the order of documentation: strings, numbers, booleans or maps of such;
     * none by default.
     */
    protected Map<String, Object> options() {
        return Map.of();
    }

    /** Declares parameters and gives the form of the output; called once. Names start with {@link #name()}. */
    protected abstract Form declare(ParameterStore parameters, Form in);

    /** The forward pass on a checked input; records the way back if the context has a tape. */
    protected abstract Variable apply(Context context, Variable x);

    /** Reports the tensors that {@link #apply} and its way back take from the step's arena, without the input's. */
    protected abstract void account(StepMemory memory, int steps, int batch);

    /**
     * Says what the layer carries from chunk to chunk of a stream, by declaring states, and asks layers within it; does nothing where each
     * step stands for itself. A layer that needs later steps, or an unbounded number of earlier ones, refuses, and so does by default one
     * that says nothing. In a pass, {@link #apply} finds the states attached to the context as {@link StreamStates}.
     */
    protected void stream(StreamStates states) {
        throw states.refusal(this, "does not say how it goes from chunk to chunk: its class does not override stream");
    }

    /** What its input must consist of; only layers that look up ids take {@link ElementType#I32}. */
    protected ElementType inputType() {
        return ElementType.F32;
    }

    /** Number of ids that the layer knows, which are 0 to one less, if it takes ids; 0 if any will do. */
    public int knownIds() {
        return 0;
    }

    /** Whether any of its matrix products is computed in the given precision. */
    public boolean computesIn(Precision precision) {
        return precision == Precision.F32;
    }

    /** Whether each batch goes on, row by row, with the states of the batch before. */
    public boolean carriesStates() {
        return false;
    }

    /** Gives the layer a name within its model; by default the type in small letters, numbered where repeated. */
    public Layer named(String newName) {
        requireNotBuilt();
        if (newName.isBlank() || newName.contains(".")) {
            throw new IllegalArgumentException("name: expected a name without dots, got '" + newName + "'");
        }
        name = newName;
        return this;
    }

    /** The name within the model; null until given or built. */
    public final String name() {
        return name;
    }

    /**
     * Declares the parameters; called by models, once.
     *
     * @param parameters where they are declared
     * @param defaultName taken if none was given
     * @param in what the layer will get
     * @return what the layer will give
     */
    public final Form build(ParameterStore parameters, String defaultName, Form in) {
        requireNotBuilt();
        if (name == null) {
            name = defaultName;
        }
        if (in.type() != inputType()) {
            throw new IllegalArgumentException("layer '" + name + "': expected "
                    + (inputType() == ElementType.I32
                            ? "ids (I32)"
                            : "numbers (F32); a layer that looks up ids must come first")
                    + ", got " + in);
        }
        Form out = declare(parameters, in);
        input = in;
        output = out;
        store = parameters;
        return out;
    }

    /**
     * The forward pass.
     *
     * @param x of the form {@link #input()}
     * @return of the form {@link #output()}; new, in the arena of the context
     * @throws IllegalArgumentException if x has another form
     */
    public final Variable forward(Context context, Variable x) {
        requireBuilt();
        requireInput(x);
        return apply(context, x);
    }

    /** How many steps the output has, where it is a sequence, for an input of so many; as many by default. */
    public int outputSteps(int steps) {
        return steps;
    }

    /** Adds what a training step with this layer takes to {@code memory}. */
    public final void footprint(StepMemory memory, int steps, int batch) {
        requireBuilt();
        account(memory, steps, batch);
    }

    /** What the layer takes. */
    public final Form input() {
        requireBuilt();
        return input;
    }

    /** What the layer gives. */
    public final Form output() {
        requireBuilt();
        return output;
    }

    /** Number of learned numbers of this layer. */
    public final long parameterCount() {
        requireBuilt();
        String prefix = name + ".";
        return store.list().stream()
                .filter(parameter -> parameter.name().startsWith(prefix))
                .mapToLong(parameter -> parameter.shape().elements())
                .sum();
    }

    /** The layer as plain data, without its weights. */
    public final LayerDescription description() {
        return new LayerDescription(type(), name == null ? defaultName() : name, options());
    }

    /** The type in small letters, without package or outer class. */
    public final String defaultName() {
        int end = Math.max(type().lastIndexOf('.'), type().lastIndexOf('$'));
        return type().substring(end + 1).toLowerCase(Locale.ROOT);
    }

    /** Checks that {@code x} is of the form {@link #input()}. */
    protected final void requireInput(Variable x) {
        input.require(name + ": x", x.value());
    }

    /** True once the layer belongs to a model. */
    public final boolean isBuilt() {
        return input != null;
    }

    /** Every option of a layer begins with this: options are set before the layer is built. */
    protected final void requireNotBuilt() {
        if (isBuilt()) {
            throw new IllegalStateException(
                    "layer '" + name + "' is built already: set options before, and use a new layer for another model");
        }
    }

    /** What an option is set to; checks that the layer is not built yet, and that there is a value. */
    protected final <V> V option(String option, V value) {
        requireNotBuilt();
        return Arguments.requireGiven(option, value);
    }

    /** Checks that the layer belongs to a model. */
    protected final void requireBuilt() {
        if (!isBuilt()) {
            throw new IllegalStateException("layer '" + (name == null ? defaultName() : name)
                    + "' is not built yet: add it to a model and build that");
        }
    }

    /** Checks at build time that sequences of steps with one dimension come in. */
    protected final void requireFeatureSequence(Form in) {
        requireSequence(in);
        if (in.dimensions().size() != 1) {
            throw new IllegalArgumentException("layer '" + name + "': expected sequences [T, B, features], got " + in);
        }
    }

    /** Checks at build time that images or films come in, and gives {@code [C, H, W]}. */
    protected final List<Integer> requireImages(Form in) {
        if (in.dimensions().size() != 3) {
            throw new IllegalArgumentException(
                    "layer '" + name() + "': expected images [B, C, H, W] or films [T, B, C, H, W], got " + in);
        }
        return in.dimensions();
    }

    /** Checks at build time that sequences come in. */
    protected final void requireSequence(Form in) {
        if (!in.sequence()) {
            throw new IllegalArgumentException("layer '" + name + "': expected sequences [T, B, features], got rows "
                    + in + "; a recurrent layer before it gives sequences with returnSequences()");
        }
    }

    @Override
    public String toString() {
        return description().toString();
    }
}
