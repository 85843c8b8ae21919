package org.gatefold.layer.recurrent;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Functional;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Layers;
import org.gatefold.layer.Options;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.Stated;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.WholeSequenceLayer;
import org.gatefold.op.Precision;
import org.gatefold.op.recurrent.Direction;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;

/**
 * A sequence read in both directions, by one layer that does or by two, and the outputs merged: side by side, summed, averaged or
 * multiplied; Keras' Bidirectional.
 *
 * <p>With one layer both directions run in one fused operation; stacked layers inside read both directions of the layer below side by
 * side, and only the outputs of the top are merged. Parameters carry the wrapped layer's names below this one's. Two layers may be of any
 * kind; theirs are called {@code NAME.forward.…} and {@code NAME.backward.…}.
 */
public final class Bidirectional extends WholeSequenceLayer implements Stated {
    /** How the outputs of both directions become one. */
    public enum Merge {
        /** Side by side, forward first: 2·H features. */
        CONCATENATE,
        SUM,
        AVERAGE,
        MULTIPLY
    }

    private final Layer forward;
    /** Null if the first layer reads both ways. */
    private final Layer backward;

    private Merge merge = Merge.CONCATENATE;

    private Bidirectional(Layer forward, Layer backward) {
        super("reads later steps before earlier ones");
        this.forward = forward;
        this.backward = backward;
    }

    /** Wraps a layer that is not built yet; its outputs are put side by side. */
    public static Bidirectional of(RecurrentLayer<?> layer) {
        if (layer.direction() == Direction.REVERSE) {
            throw new IllegalArgumentException("layer: expected one that reads forward, got one in reverse");
        }
        return new Bidirectional(layer.bidirectional(), null);
    }

    /**
     * Wraps two layers that are not built yet, whose outputs are put side by side.
     *
     * @param backward usually one in reverse; gives as many steps as the first
     */
    public static Bidirectional of(Layer forward, Layer backward) {
        return new Bidirectional(forward, backward);
    }

    static Bidirectional described(Options options) {
        Merge merge = options.constant("merge", Merge.class);
        if (options.has("backward")) {
            return of(Layers.wrapped(options.map("layer")), Layers.wrapped(options.map("backward")))
                    .merge(merge);
        }
        Layer layer = Layers.wrapped(options.map("layer"));
        if (!(layer instanceof RecurrentLayer<?> recurrent)) {
            throw new IllegalArgumentException("Bidirectional.layer: expected a recurrent layer, got " + layer.type());
        }
        return of(recurrent).merge(merge);
    }

    /** How outputs are merged. */
    public Bidirectional merge(Merge newMerge) {
        requireNotBuilt();
        merge = newMerge;
        return this;
    }

    /** The layer that reads both ways, or the two that read one way each, forward first. */
    public List<Layer> wrapped() {
        return backward == null ? List.of(forward) : List.of(forward, backward);
    }

    @Override
    public boolean carriesStates() {
        return forward.carriesStates() || (backward != null && backward.carriesStates());
    }

    @Override
    public boolean computesIn(Precision precision) {
        return forward.computesIn(precision) || (backward != null && backward.computesIn(precision));
    }

    @Override
    protected Map<String, Object> options() {
        Map<String, Object> options = Options.written("merge", Options.text(merge), "layer", Layers.wrapping(forward));
        if (backward != null) {
            options.put("backward", Layers.wrapping(backward));
        }
        return options;
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        if (backward == null) {
            Form both = forward.build(parameters, name(), in);
            return merge == Merge.CONCATENATE ? both : both.withFeatures(both.features() / 2);
        }
        Form one = forward.build(parameters, name() + ".forward", in);
        Form other = backward.build(parameters, name() + ".backward", in);
        if (!(merge == Merge.CONCATENATE ? one.withFeatures(other.last()) : one).equals(other)) {
            throw new IllegalArgumentException("layer '" + name() + "': expected a backward layer that gives " + one
                    + " as the forward one, got " + other);
        }
        return merge == Merge.CONCATENATE ? one.withFeatures(one.last() + other.last()) : one;
    }

    @Override
    protected Variable apply(Context context, Variable x) {
        Variable one = forward.forward(context, x);
        return backward == null ? halvesMerged(context, one) : merged(context, one, backward.forward(context, x));
    }

    @Override
    public List<Form> states() {
        List<Form> forms = new ArrayList<>(stated(forward).states());
        if (backward != null) {
            forms.addAll(stated(backward).states());
        }
        return forms;
    }

    @Override
    public Outcome outcome(Context context, Variable x, List<Variable> initial) {
        requireInput(x);
        int own = stated(forward).states().size();
        Outcome one = stated(forward).outcome(context, x, initial.isEmpty() ? initial : initial.subList(0, own));
        if (backward == null) {
            return new Outcome(halvesMerged(context, one.output()), one.states());
        }
        Outcome other = stated(backward)
                .outcome(context, x, initial.isEmpty() ? initial : initial.subList(own, initial.size()));
        List<Variable> states = new ArrayList<>(one.states());
        states.addAll(other.states());
        return new Outcome(merged(context, one.output(), other.output()), states);
    }

    private Stated stated(Layer layer) {
        if (layer instanceof Stated stated) {
            return stated;
        }
        throw new IllegalArgumentException(
                "layer '" + name() + "': expected layers in it that have states, got " + layer.type());
    }

    /** What a layer gives that reads both ways. */
    private Variable halvesMerged(Context context, Variable one) {
        if (merge == Merge.CONCATENATE) {
            return one;
        }
        Shape shape = one.shape();
        Variable[] halves = Functional.split(context, one.reshape((int) shape.rows(), shape.last()), 2);
        Variable y = merged(context, halves[0], halves[1]);
        return y.reshape(one.lengths(), shape.withLast(shape.last() / 2).toArray());
    }

    private Variable merged(Context context, Variable one, Variable other) {
        return switch (merge) {
            case CONCATENATE -> Functional.concatenate(context, one, other);
            case SUM -> Functional.add(context, one, other);
            case AVERAGE -> Functional.average(context, one, other);
            case MULTIPLY -> Functional.multiply(context, one, other);
        };
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        forward.footprint(memory, steps, batch);
        if (backward != null) {
            backward.footprint(memory, steps, batch);
        }
        accountMerge(memory, steps, batch);
    }

    @Override
    public void footprint(StepMemory memory, int steps, int batch, boolean given, boolean told) {
        stated(forward).footprint(memory, steps, batch, given, told);
        if (backward != null) {
            stated(backward).footprint(memory, steps, batch, given, told);
        }
        accountMerge(memory, steps, batch);
    }

    private void accountMerge(StepMemory memory, int steps, int batch) {
        if (backward != null) {
            memory.tensor(input().elements(steps, batch)); // the second contribution to the gradient of x
        } else if (merge != Merge.CONCATENATE) {
            memory.differentiable(2 * output().elements(steps, batch));
            memory.tensor(output().elements(steps, batch));
        }
        if (backward != null || merge != Merge.CONCATENATE) {
            memory.differentiable(output().elements(steps, batch));
        }
    }
}
