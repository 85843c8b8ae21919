package org.gatefold.seq2seq;

import org.gatefold.autograd.Variable;
import org.gatefold.data.DeviceColumn;
import org.gatefold.device.Scope;
import org.gatefold.layer.Context;
import org.gatefold.layer.attention.AttentionMemory;
import org.gatefold.layer.recurrent.state.LayerState;
import org.gatefold.op.embedding.EmbeddingOp;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * The decoder of a {@link Member} step by step. What outlives a step stands in a scope that is given: what is attended to, once for all rows
 * of a source, and the states. One thread.
 */
final class MemberSteps {
    private final Member member;
    private final Context context;
    private final Scope kept;
    private final AttentionMemory outputs;
    private final int sources;
    private Kept now;

    /** States between two steps: h and c {@code [L, rows, H]}, and what is fed back, {@code [1, rows, A]}; null where there is none. */
    private record Kept(Tensor h, Tensor c, Tensor fed) {
        int rows() {
            return h.shape().dim(1);
        }
    }

    /**
     * Reads the sources.
     *
     * @param context whose step has begun
     * @param kept outlives the steps
     */
    MemberSteps(Member member, Context context, Scope kept, DeviceColumn source) {
        this.member = member;
        this.context = context;
        this.kept = kept;
        Encoded read = member.encode(context, Translator.variable(source));
        outputs = read.outputs() == null ? null : keep(read.outputs());
        LayerState initial = read.initial();
        sources = initial.h().shape().dim(1);
        now = room(initial.h().shape(), initial.c() != null);
        keep(initial, null, now);
        if (now.fed() != null) {
            now.fed().fill(0f);
        }
    }

    private AttentionMemory keep(AttentionMemory memory) {
        Lengths lengths = memory.values().lengths();
        Lengths valid = lengths == null ? null : kept.lengths(lengths.steps(), lengths.toArray());
        Variable values = Variable.constant(copy(memory.values().value()), valid);
        boolean same = memory.keys() == memory.values();
        return new AttentionMemory(
                same ? values : Variable.constant(copy(memory.keys().value())), values);
    }

    private Tensor copy(Tensor value) {
        Tensor copy = kept.f32(value.name(), value.shape());
        copy.copyFrom(value);
        return copy;
    }

    private Kept room(Shape states, boolean cell) {
        int fed = member.fedSize();
        return new Kept(
                kept.f32("h", states),
                cell ? kept.f32("c", states) : null,
                fed > 0 ? kept.f32("fed", 1, states.dim(1), fed) : null);
    }

    private static void keep(LayerState state, Variable fed, Kept into) {
        into.h().copyFrom(state.h().value());
        if (into.c() != null) {
            into.c().copyFrom(state.c().value());
        }
        if (into.fed() != null && fed != null) {
            into.fed().copyFrom(fed.value());
        }
    }

    /** Rows of the sources. */
    int sources() {
        return sources;
    }

    /**
     * The logits of what follows, {@code [K, B, V]}.
     *
     * @param from the place of each row among those of the step before
     * @param previous ids {@code [K, B]}
     */
    Variable step(int[] from, Tensor previous) {
        int rows = from.length;
        int beams = rows / sources;
        Tensor h = picked(now.h(), from);
        Tensor c = now.c() == null ? null : picked(now.c(), from);
        LayerState state = new LayerState(Variable.constant(h), c == null ? null : Variable.constant(c));
        Variable fed = now.fed() == null
                ? null
                : Variable.constant(picked(now.fed(), from).reshape(beams, sources, member.fedSize()));
        Decoder.Step moved = member.step(context, Variable.constant(previous), state, fed, new Encoded(outputs, null));
        // What was read of the states before are copies.
        now = now.rows() == rows ? now : room(h.shape(), c != null);
        keep(moved.state(), moved.output(), now);
        return moved.logits();
    }

    /** Rows of states {@code [L, rows, H]} at the places of others. */
    private Tensor picked(Tensor states, int... from) {
        int layers = states.shape().dim(0);
        int before = states.shape().dim(1);
        int[] places = new int[layers * from.length];
        for (int i = 0; i < places.length; i++) {
            places[i] = i / from.length * before + from[i % from.length];
        }
        Tensor ids = context.scope().i32("places", layers, from.length);
        ids.write(places);
        Tensor rows = context.scope()
                .f32(states.name(), layers, from.length, states.shape().last());
        context.op(EmbeddingOp.class)
                .forward(
                        ids,
                        null,
                        states.reshape(layers * before, states.shape().last()),
                        0f,
                        rows);
        return rows;
    }
}
