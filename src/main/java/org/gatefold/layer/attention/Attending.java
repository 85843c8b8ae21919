package org.gatefold.layer.attention;

import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.StepMemory;
import org.gatefold.op.attention.AttentionOp;
import org.gatefold.op.attention.AttentionSpec;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/** The pass from queries, keys and values to what is attended to, which all dot-product attention shares. */
final class Attending {
    private Attending() {}

    /**
     * Attention of q to the valid steps of k and v: of the shape of q but for the last dimension, which is that of v.
     *
     * @param lengths valid keys of each row; null for all
     */
    static Variable attend(Context context, AttentionSpec spec, Variable q, Variable k, Variable v, Lengths lengths) {
        return attend(context, spec, q, k, v, lengths, weights(context, spec, q, k));
    }

    /** Attention of one head to a memory. */
    static Attended attend(Context context, AttentionSpec spec, Variable q, AttentionMemory memory) {
        Tensor weights = weights(context, spec, q, memory.keys());
        Lengths lengths = memory.values().lengths();
        return new Attended(attend(context, spec, q, memory.keys(), memory.values(), lengths, weights), weights);
    }

    /** Room for the weights of each query. */
    static Tensor weights(Context context, AttentionSpec spec, Variable q, Variable k) {
        Shape queries = q.shape();
        return context.scope()
                .f32(
                        "weights",
                        queries.dim(1),
                        spec.heads(),
                        queries.dim(0),
                        k.shape().dim(0));
    }

    /**
     * As {@link #attend(Context, AttentionSpec, Variable, Variable, Variable, Lengths)}, with weights to look at.
     *
     * @param weights written
     */
    static Variable attend(
            Context context, AttentionSpec spec, Variable q, Variable k, Variable v, Lengths lengths, Tensor weights) {
        AttentionOp op = context.op(AttentionOp.class);
        boolean differentiable = q.requiresGradient() || k.requiresGradient() || v.requiresGradient();
        Shape queries = q.shape();
        Variable y = context.output(
                "y", differentiable, q.lengths(), queries.withLast(v.shape().last()));
        op.forward(spec, q.value(), k.value(), v.value(), lengths, weights, y.value());
        if (y.requiresGradient()) {
            context.tape().record(y, () -> {
                Tensor dq = contribution(context, q);
                Tensor dk = contribution(context, k);
                // The same value as keys: its first part must be added before the second takes its place.
                Tensor dv = v == k ? context.scope().f32("dv", v.shape()) : contribution(context, v);
                op.backward(spec, q.value(), k.value(), v.value(), lengths, weights, y.gradient(), dq, dk, dv);
                contributed(q, dq);
                contributed(k, dk);
                contributed(v, dv);
            });
        }
        return y;
    }

    static Tensor contribution(Context context, Variable to) {
        return to.requiresGradient() ? to.contribution() : context.scope().f32("not wanted", to.shape());
    }

    static void contributed(Variable to, Tensor gradient) {
        if (to.requiresGradient()) {
            to.contributed(gradient);
        }
    }

    /** Reports weights and output. */
    static void account(StepMemory memory, int heads, int queries, int keys, int batch, int features) {
        memory.tensor((long) batch * heads * queries * keys);
        memory.differentiable((long) queries * batch * features);
    }
}
