package org.gatefold.layer;

import java.util.LinkedHashMap;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.op.softmax.SoftmaxOp;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Tensor;

/**
 * Softmax over the features, or its logarithm; no parameters. For training, the softmax cross-entropy loss on raw scores
 * is more exact and cheaper than this layer with another loss.
 */
public final class Softmax extends Layer {
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
        Map<String, Object> options = new LinkedHashMap<>();
        options.put("logarithm", logarithm);
        return options;
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        return in;
    }

    @Override
    protected Variable apply(Context context, Variable x) {
        Variable y = context.output("y", x.requiresGradient(), x.lengths(), x.shape());
        Tensor yRows = rows(y.value());
        context.op(SoftmaxOp.class).forward(logarithm, rows(x.value()), yRows);
        if (y.requiresGradient()) {
            context.tape().record(y, () -> {
                Tensor dx = x.contribution();
                context.op(SoftmaxOp.class).backward(logarithm, yRows, rows(y.gradient()), rows(dx));
                x.contributed(dx);
            });
        }
        return y;
    }

    private static Tensor rows(Tensor tensor) {
        return tensor.reshape(
                Math.toIntExact(tensor.shape().rows()), tensor.shape().last());
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        memory.differentiable(output().elements(steps, batch));
    }
}
