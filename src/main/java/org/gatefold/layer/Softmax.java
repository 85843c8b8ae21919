package org.gatefold.layer;

import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.op.softmax.SoftmaxOp;
import org.gatefold.tensor.Tensor;

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
    public String type() {
        return "Softmax";
    }

    @Override
    protected Map<String, Object> options() {
        return Map.of("logarithm", logarithm);
    }

    @Override
    protected Variable apply(Context context, Variable x) {
        SoftmaxOp op = context.op(SoftmaxOp.class);
        return compute(
                context,
                x,
                y -> op.forward(logarithm, rows(x.value()), rows(y)),
                (y, dx) -> op.backward(logarithm, rows(y.value()), rows(y.gradient()), rows(dx)));
    }

    private static Tensor rows(Tensor tensor) {
        return tensor.reshape(
                Math.toIntExact(tensor.shape().rows()), tensor.shape().last());
    }
}
