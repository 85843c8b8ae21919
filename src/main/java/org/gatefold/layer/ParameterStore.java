package org.gatefold.layer;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.gatefold.device.Scope;
import org.gatefold.op.Philox;
import org.gatefold.op.optimizer.Segments;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * All parameters of a model as parts of one flat buffer, with one flat gradient buffer beside it, so that an optimiser
 * updates all of them in one pass.
 *
 * <p>Layers declare parameters while the model is built; then {@link #allocate} takes memory from the model's scope. The
 * gradient buffer is taken when it is first asked for, so that a model which only predicts has none. Many threads may
 * read values; one thread trains, and nobody reads meanwhile.
 */
public final class ParameterStore {
    /** Every parameter starts at a multiple of so many elements: a cache line is 16, two vectors of AVX-512 are 32. */
    public static final int ALIGNMENT = 64;

    private final Map<String, Parameter> parameters = new LinkedHashMap<>();
    private final BiConsumer<String, Shape> declared;
    private Scope scope;
    private long end;
    private Tensor values;
    private Tensor gradients;
    private volatile long version;

    public ParameterStore() {
        this((name, shape) -> {});
    }

    /**
     * @param declared is told name and shape of each parameter before it is declared, and may refuse it by throwing
     */
    public ParameterStore(BiConsumer<String, Shape> declared) {
        this.declared = declared;
    }

    /**
     * Declares a parameter; called by layers while they are built.
     *
     * @param name unique within the store
     * @param initializer its first values; {@code [O, I]} has fans I and O, {@code [O]} counts as {@code [O, 1]}
     * @throws IllegalStateException if the store is allocated already
     */
    public Parameter declare(String name, Shape shape, Initializer initializer) {
        int columns = shape.rank() == 1 ? 1 : shape.last();
        return declare(name, shape, initializer, columns);
    }

    /**
     * As {@link #declare(String, Shape, Initializer)}, a value that is not trained but written by forward passes of training, such as a
     * running mean; it is frozen.
     */
    public Parameter statistic(String name, Shape shape, Initializer initializer) {
        Parameter declared = declare(name, shape, initializer);
        declared.beStatistic();
        return declared;
    }

    /** As {@link #declare(String, Shape, Initializer)}, with the n of {@code uniform_inverse_sqrt}. */
    public Parameter declare(String name, Shape shape, Initializer initializer, int size) {
        int columns = shape.rank() == 1 ? 1 : shape.last();
        return declare(
                name,
                shape,
                (form, seed) -> initializer.values(Math.toIntExact(form.elements() / columns), columns, size, seed));
    }

    /** As {@link #declare(String, Shape, Initializer)}, with first values of the layer's own. */
    public Parameter declare(String name, Shape shape, Parameter.Filling filling) {
        if (values != null) {
            throw new IllegalStateException("parameter '" + name + "': the model is built already");
        }
        declared.accept(name, shape);
        float penalty = shape.rank() > 1 ? 1f : 0f;
        Parameter parameter = new Parameter(this, name, shape, filling, end, penalty);
        if (parameters.putIfAbsent(name, parameter) != null) {
            throw new IllegalArgumentException("parameter '" + name + "': the name is taken; give each layer its own");
        }
        end += room(shape);
        return parameter;
    }

    /** What a parameter takes of the flat buffer, with the padding behind it. */
    private static long room(Shape shape) {
        return (shape.elements() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /**
     * Checks that parameters of these shapes have room in one flat buffer.
     *
     * @throws IllegalArgumentException if they have not
     */
    public static void requireRoom(Collection<Shape> shapes) {
        requireRoom(shapes.stream().mapToLong(ParameterStore::room).sum());
    }

    private static void requireRoom(long numbers) {
        if (numbers > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("parameters: expected at most " + Integer.MAX_VALUE
                    + " numbers, with the padding between parameters, got " + numbers);
        }
    }

    /** {@link #allocate(Scope)}, then {@link #initialize}. */
    public void allocate(Scope owner, long seed) {
        allocate(owner);
        initialize(seed);
    }

    /** Takes memory for all declared parameters from {@code scope}; their values are zeros. */
    public void allocate(Scope owner) {
        if (values != null) {
            throw new IllegalStateException("parameters: are allocated already");
        }
        scope = owner;
        values = owner.zeros("parameters", flatShape()).telling(this::changed);
        for (Parameter parameter : parameters.values()) {
            parameter.bind(values);
        }
    }

    /**
     * Writes first values. Those of a parameter follow from the seed and its name, whatever other parameters there are, and
     * are the same on every device: it is drawn from the seed that {@link Philox#derive} makes of this one and of the 64-bit
     * FNV-1a hash of the name in UTF-8.
     */
    public void initialize(long seed) {
        for (Parameter parameter : parameters.values()) {
            parameter.initialize(seed);
        }
        changed();
    }

    private Shape flatShape() {
        requireRoom(end);
        return Shape.of((int) Math.max(end, ALIGNMENT));
    }

    /** The parameters in the order of declaration. */
    public List<Parameter> list() {
        return Collections.unmodifiableList(new ArrayList<>(parameters.values()));
    }

    /**
     * A parameter by name.
     *
     * @throws IllegalArgumentException if there is none, with the names there are
     */
    public Parameter get(String name) {
        Parameter found = parameters.get(name);
        if (found == null) {
            throw new IllegalArgumentException(
                    "parameter: expected one of " + parameters.keySet() + ", got '" + name + "'");
        }
        return found;
    }

    /** Number of learned numbers, without the padding between parameters. */
    public long count() {
        long sum = 0;
        for (Parameter parameter : parameters.values()) {
            sum += parameter.shape().elements();
        }
        return sum;
    }

    /** Where the next parameter that is declared will begin: its {@link Parameter#offset()}. */
    public long nextOffset() {
        return end;
    }

    /** Size of the flat buffer in bytes. */
    public long bytes() {
        return Math.max(end, ALIGNMENT) * Float.BYTES;
    }

    /** The flat buffer {@code [P]}; padding between parameters is 0. Who lets an operation write it calls {@link #changed()} then. */
    public Tensor values() {
        if (values == null) {
            throw new IllegalStateException("parameters: have no memory before their model is built");
        }
        return values;
    }

    /** The flat gradients {@code [P]}, zeros at first; padding between parameters is 0. */
    public Tensor gradients() {
        if (gradients == null) {
            values();
            gradients = scope.zeros("gradients", flatShape());
        }
        return gradients;
    }

    /**
     * Zeros that are no parameter, in the memory of the parameters: for operations that want a bias where a layer has none.
     *
     * @throws IllegalStateException if the store was not allocated yet
     */
    public Tensor zeros(String name, Shape shape) {
        values();
        return scope.zeros(name, shape);
    }

    /** Sets all gradients to 0; once per training step, before the backward pass. Of parameters that are updated by rows, those rows. */
    public void zeroGradients() {
        Tensor all = gradients();
        long from = 0;
        for (Parameter parameter : parameters.values()) {
            if (parameter.touchedRows() != null) {
                zero(all, from, parameter.offset());
                parameter.touchedRows().clear(scope, parameter.gradient());
                from = parameter.offset() + parameter.shape().elements();
            }
        }
        zero(all, from, all.elements());
    }

    private static void zero(Tensor all, long from, long to) {
        if (to - from == all.elements()) {
            all.fill(0f);
        } else if (from < to) {
            all.part("gradients", from, Shape.of((int) (to - from))).fill(0f);
        }
    }

    /**
     * Has a parameter {@code [V, D]} updated by those rows alone that a step has touched; whoever writes gradients to it says which by {@link
     * Parameter#touchedRows()}. Called by layers while they are built.
     */
    public void updateByRows(Parameter parameter) {
        Shape.requireRank(parameter.name(), parameter.shape(), 2, "[V, D]");
        parameter.updateByRows();
    }

    /** Where each parameter stands and what it is multiplied with, for optimisers; made anew after every change. */
    public Segments segments() {
        List<Segments.Segment> list = new ArrayList<>();
        for (Parameter parameter : parameters.values()) {
            list.add(new Segments.Segment(
                    parameter.name(),
                    parameter.offset(),
                    parameter.shape().elements(),
                    parameter.learningRate(),
                    parameter.penalty()));
        }
        return new Segments(list);
    }

    /** A number that grows whenever values were written; plans repack their weights when it has changed. */
    public long version() {
        return version;
    }

    /** Tells that an operation has written values; writing them through their tensors tells of itself. One thread at a time. */
    public synchronized void changed() {
        version = version + 1;
    }

    /**
     * Stops training of all parameters whose name starts with {@code prefix}; their gradients stay 0. Takes effect on the
     * next forward pass, and in an optimiser when its plan is made from {@link #segments()}.
     *
     * @throws IllegalArgumentException if no name starts so
     */
    public void freeze(String prefix) {
        setLearningRate(prefix, 0f);
    }

    /** Trains the parameters whose name starts with {@code prefix} again, at the common learning rate. */
    public void unfreeze(String prefix) {
        setLearningRate(prefix, 1f);
    }

    /** Factor on the learning rate for all parameters whose name starts with {@code prefix}; 0 freezes them. */
    public void setLearningRate(String prefix, float factor) {
        requireFactor("learningRate", factor);
        matching(prefix).forEach(parameter -> parameter.setLearningRate(factor));
    }

    /** Factor on L1 and L2 penalties for all parameters whose name starts with {@code prefix}. */
    public void setPenalty(String prefix, float factor) {
        requireFactor("penalty", factor);
        matching(prefix).forEach(parameter -> parameter.setPenalty(factor));
    }

    private List<Parameter> matching(String prefix) {
        List<Parameter> found = parameters.values().stream()
                .filter(p -> p.name().startsWith(prefix))
                .toList();
        if (found.isEmpty()) {
            throw new IllegalArgumentException(
                    "prefix: expected the start of one of " + parameters.keySet() + ", got '" + prefix + "'");
        }
        return found;
    }

    private static void requireFactor(String argument, float factor) {
        if (!(factor >= 0f) || Float.isInfinite(factor)) {
            throw new IllegalArgumentException(argument + ": expected a finite factor >= 0, got " + factor);
        }
    }

    /**
     * Has parameters trained as those of the same names of another store: with the same factors on learning rate and penalties.
     */
    public void trainAs(ParameterStore other) {
        for (Parameter parameter : parameters.values()) {
            parameter.setLearningRate(other.get(parameter.name()).learningRate());
            parameter.setPenalty(other.get(parameter.name()).penalty());
        }
    }

    /**
     * Copies the values of another store whose parameters have the same names and shapes; it may live on another device.
     */
    public void copyFrom(ParameterStore source) {
        if (!parameters.keySet().equals(source.parameters.keySet())) {
            throw new IllegalArgumentException(
                    "source: expected parameters " + parameters.keySet() + ", got " + source.parameters.keySet());
        }
        for (Parameter parameter : parameters.values()) {
            Shape.require(parameter.name(), source.get(parameter.name()).shape(), parameter.shape());
        }
        for (Parameter parameter : parameters.values()) {
            parameter.value().write(source.get(parameter.name()).value().toFloats());
        }
        changed();
    }
}
