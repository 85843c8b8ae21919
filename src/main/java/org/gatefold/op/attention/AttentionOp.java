package org.gatefold.op.attention;

import org.gatefold.device.Operation;
import org.gatefold.op.Arguments;
import org.gatefold.tensor.Call;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * Dot-product attention with several heads (Vaswani et al. 2017), PyTorch's {@code scaled_dot_product_attention}: for each row and
 * head {@code y[i] = Σ p[i, j] v[j]} with {@code p[i] = softmax over j of scale · q[i]·k[j]}, over the valid keys j and, if causal,
 * those with {@code j <= i}. A query without such a key gives 0. Thread-safe.
 */
public interface AttentionOp extends Operation {
    /**
     * The forward pass.
     *
     * @param q queries {@code [T, B, heads*D]}, read
     * @param k keys {@code [S, B, heads*D]}, read where valid
     * @param v values {@code [S, B, heads*E]}, read where valid
     * @param lengths valid keys of each row; null means S for all
     * @param p {@code [B, heads, T, S]}, written: the weights, 0 where a query does not attend
     * @param y {@code [T, B, heads*E]}, written
     */
    default void forward(AttentionSpec spec, Tensor q, Tensor k, Tensor v, Lengths lengths, Tensor p, Tensor y) {
        Call call = Call.begin(q);
        try {
            check(spec, q, k, v, lengths, p);
            Arguments.requireF32("y", y, q.shape().withLast(v.shape().last()));
            Arguments.requireSameMemory(q.memory(), k, v, p, y);
            Arguments.requireDisjoint("p", p, q, k, v, y);
            Arguments.requireDisjoint("y", y, q, k, v);
            computeForward(new ForwardArguments(spec, q, k, v, lengths, p, y));
        } finally {
            call.end();
        }
    }

    /**
     * The gradients.
     *
     * @param p the weights of the forward pass, read
     * @param dy gradient of y, read
     * @param dq of q's shape, written
     * @param dk of k's shape, written, 0 where a key is not valid
     * @param dv of v's shape, written, 0 where a key is not valid
     */
    default void backward(
            AttentionSpec spec,
            Tensor q,
            Tensor k,
            Tensor v,
            Lengths lengths,
            Tensor p,
            Tensor dy,
            Tensor dq,
            Tensor dk,
            Tensor dv) {
        Call call = Call.begin(q);
        try {
            check(spec, q, k, v, lengths, p);
            Arguments.requireF32("dy", dy, q.shape().withLast(v.shape().last()));
            Arguments.requireF32("dq", dq, q.shape());
            Arguments.requireF32("dk", dk, k.shape());
            Arguments.requireF32("dv", dv, v.shape());
            Arguments.requireSameMemory(q.memory(), k, v, p, dy, dq, dk, dv);
            Arguments.requireDisjoint("dq", dq, q, k, v, p, dy, dk, dv);
            Arguments.requireDisjoint("dk", dk, q, k, v, p, dy, dv);
            Arguments.requireDisjoint("dv", dv, q, k, v, p, dy);
            computeBackward(new BackwardArguments(spec, q, k, v, lengths, p, dy, dq, dk, dv));
        } finally {
            call.end();
        }
    }

    private static void check(AttentionSpec spec, Tensor q, Tensor k, Tensor v, Lengths lengths, Tensor p) {
        Arguments.requireGiven("spec", spec);
        Shape queries = Arguments.requireRank("q", q, 3, "[T, B, heads*D]");
        Shape keys = Arguments.requireRank("k", k, 3, "[S, B, heads*D]");
        Shape values = Arguments.requireRank("v", v, 3, "[S, B, heads*E]");
        Arguments.requireF32("k", k, keys.dim(0), queries.dim(1), queries.dim(2));
        Arguments.requireF32("v", v, keys.dim(0), queries.dim(1), values.dim(2));
        if (queries.dim(2) % spec.heads() != 0 || values.dim(2) % spec.heads() != 0) {
            throw new IllegalArgumentException("heads: expected a divisor of " + queries.dim(2) + " features and "
                    + values.dim(2) + " of values, got " + spec.heads());
        }
        Arguments.optionalLengths(lengths, keys.dim(0), keys.dim(1), q.memory());
        Arguments.requireF32("p", p, queries.dim(1), spec.heads(), queries.dim(0), keys.dim(0));
    }

    /** What {@link #forward} was given. */
    record ForwardArguments(AttentionSpec spec, Tensor q, Tensor k, Tensor v, Lengths lengths, Tensor p, Tensor y) {}

    /** Implemented by backends; arguments are checked. */
    void computeForward(ForwardArguments given);

    /** What {@link #backward} was given. */
    record BackwardArguments(
            AttentionSpec spec,
            Tensor q,
            Tensor k,
            Tensor v,
            Lengths lengths,
            Tensor p,
            Tensor dy,
            Tensor dq,
            Tensor dk,
            Tensor dv) {}

    /** Implemented by backends; arguments are checked. */
    void computeBackward(BackwardArguments given);
}
