package org.gatefold.layer.basic;

import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Options;
import org.gatefold.layer.SameFormLayer;
import org.gatefold.layer.StreamStates;
import org.gatefold.op.softmax.SoftmaxOp;

/**
 * Softmax over the features, or its logarithm; no parameters. For training, the softmax cross-entropy loss on raw scores
 * is more exact and cheaper than this layer with another loss.
 */
public final class Softmax extends SameFormLayer {
    private final boolean logarithm;

    private Softmax(boolean logarithm) {
        this.logarithm = logarithm;
    }

    /** {@code softmax(x)}. */
    public static Softmax probabilities() {
        return new Softmax(false);
    }

    /** {@code log softmax(x)}. */
    public static Softmax logarithms() {
        return new Softmax(true);
    }

    static Softmax described(Options options) {
        return new Softmax(options.flag("logarithm"));
    }

    @Override
    protected Map<String, Object> options() {
        return Map.of("logarithm", logarithm);
    }

    /** Each step stands for itself. */
    @Override
    protected void stream(StreamStates states) {}

    @Override
    protected Variable apply(Context context, Variable x) {
        SoftmaxOp op = context.op(SoftmaxOp.class);
        return compute(
                context,
                x,
                y -> op.forward(logarithm, x.value().matrix(), y.matrix()),
                (y, dx) ->
                        op.backward(logarithm, y.value().matrix(), y.gradient().matrix(), dx.matrix()));
    }
}
