package org.gatefold.layer.recurrent;

import java.util.LinkedHashMap;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Layers;
import org.gatefold.layer.Options;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.StepMemory;
import org.gatefold.op.Precision;
import org.gatefold.op.elementwise.ElementwiseOp;
import org.gatefold.op.elementwise.ElementwiseOp.Binary;
import org.gatefold.op.recurrent.Direction;
import org.gatefold.op.sequence.SequenceOp;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * Any recurrent layer read in both directions, whose outputs are merged: side by side, summed, averaged or multiplied.
 *
 * <p>Both directions run in one fused operation; stacked layers inside read both directions of the layer below side by
 * side, and only the outputs of the top are merged. Parameters carry the wrapped layer's names below this one's.
 */
public final class Bidirectional extends Layer {
    /** How the outputs of both directions become one. */
    public enum Merge {
        /** Side by side, forward first: 2·H features. */
        CONCATENATE,
        SUM,
        AVERAGE,
        MULTIPLY
    }

    private final RecurrentLayer<?> inner;
    private Merge merge = Merge.CONCATENATE;

    private Bidirectional(RecurrentLayer<?> inner) {
        if (inner.direction() == Direction.REVERSE) {
            throw new IllegalArgumentException("layer: expected one that reads forward, got one in reverse");
        }
        this.inner = inner;
        inner.bidirectional();
    }

    /** Wraps a layer that is not built yet; its outputs are put side by side. */
    public static Bidirectional of(RecurrentLayer<?> layer) {
        return new Bidirectional(layer);
    }

    static Bidirectional described(Options options) {
        Layer layer = Layers.wrapped(options.map("layer"));
        if (!(layer instanceof RecurrentLayer<?> recurrent)) {
            throw new IllegalArgumentException("Bidirectional.layer: expected a recurrent layer, got " + layer.type());
        }
        return of(recurrent).merge(options.constant("merge", Merge.class));
    }

    /** How outputs are merged. */
    public Bidirectional merge(Merge newMerge) {
        requireNotBuilt();
        merge = newMerge;
        return this;
    }

    @Override
    public String type() {
        return "Bidirectional";
    }

    @Override
    public boolean carriesStates() {
        return inner.carriesStates();
    }

    @Override
    public boolean computesIn(Precision precision) {
        return inner.computesIn(precision);
    }

    @Override
    protected Map<String, Object> options() {
        Map<String, Object> options = new LinkedHashMap<>();
        options.put("merge", Options.text(merge));
        options.put("layer", Layers.wrapping(inner));
        return options;
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        Form out = inner.build(parameters, name(), in);
        return merge == Merge.CONCATENATE ? out : out.withFeatures(inner.units());
    }

    @Override
    protected Variable apply(Context context, Variable x) {
        Variable both = inner.forward(context, x);
        if (merge == Merge.CONCATENATE) {
            return both;
        }
        int units = inner.units();
        Tensor sides = both.value().matrix();
        int rows = sides.shape().dim(0);
        Shape half = both.shape().withLast(units);
        Tensor forward = context.scope().f32("forward", rows, units);
        Tensor reverse = context.scope().f32("reverse", rows, units);
        context.op(SequenceOp.class).split(sides, forward, reverse);
        Variable y = context.output("y", both.requiresGradient(), both.lengths(), half);
        context.op(ElementwiseOp.class)
                .combine(operator(), forward, reverse, y.value().reshape(rows, units));
        if (y.requiresGradient()) {
            context.tape().record(y, () -> {
                Tensor dy = y.gradient().reshape(rows, units);
                Tensor dForward = forward;
                Tensor dReverse = reverse;
                switch (merge) {
                    case SUM -> {
                        dForward.copyFrom(dy);
                        dReverse.copyFrom(dy);
                    }
                    case AVERAGE -> {
                        context.op(ElementwiseOp.class).scale(0.5f, dy, dForward);
                        context.op(ElementwiseOp.class).scale(0.5f, dy, dReverse);
                    }
                    default -> {
                        // The gradient of one factor is dy times the other: the two swap places.
                        context.op(ElementwiseOp.class).combine(Binary.MULTIPLY, dy, forward, forward);
                        context.op(ElementwiseOp.class).combine(Binary.MULTIPLY, dy, reverse, reverse);
                        dForward = reverse;
                        dReverse = forward;
                    }
                }
                Tensor dBoth = both.contribution();
                context.op(SequenceOp.class).concatenate(dForward, dReverse, dBoth.reshape(rows, 2 * units));
                both.contributed(dBoth);
            });
        }
        return y;
    }

    private Binary operator() {
        return switch (merge) {
            case SUM -> Binary.ADD;
            case AVERAGE -> Binary.AVERAGE;
            case MULTIPLY -> Binary.MULTIPLY;
            case CONCATENATE -> throw new IllegalStateException("side by side is no operator");
        };
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        inner.footprint(memory, steps, batch);
        if (merge != Merge.CONCATENATE) {
            long elements = output().elements(steps, batch);
            memory.differentiable(elements);
            memory.differentiable(elements);
        }
    }
}
