package org.gatefold.layer;

import java.util.LinkedHashMap;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.op.sequence.SequenceOp;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/** Reduces the valid steps of every row to one: mean, maximum or last; rows of length 0 give 0. No parameters. */
public final class TimePooling extends Layer {
    private final SequenceOp.Pooling pooling;

    private TimePooling(SequenceOp.Pooling pooling) {
        this.pooling = pooling;
    }

    public static TimePooling mean() {
        return new TimePooling(SequenceOp.Pooling.MEAN);
    }

    public static TimePooling max() {
        return new TimePooling(SequenceOp.Pooling.MAX);
    }

    public static TimePooling last() {
        return new TimePooling(SequenceOp.Pooling.LAST);
    }

    static TimePooling described(Options options) {
        return new TimePooling(options.constant("pooling", SequenceOp.Pooling.class));
    }

    @Override
    public String type() {
        return "TimePooling";
    }

    @Override
    protected Map<String, Object> options() {
        Map<String, Object> options = new LinkedHashMap<>();
        options.put("pooling", RecurrentLayer.text(pooling));
        return options;
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        requireSequence(in);
        return Form.rows(in.features());
    }

    @Override
    protected Variable apply(Context context, Variable x) {
        Shape shape = Shape.of(x.shape().dim(1), x.shape().dim(2));
        Variable y = context.output("y", x.requiresGradient(), null, shape);
        context.sequences().pool(pooling, x.value(), x.lengths(), y.value());
        if (y.requiresGradient()) {
            context.tape().record(y, () -> {
                Tensor dx = x.contribution();
                context.sequences().poolBackward(pooling, x.value(), x.lengths(), y.gradient(), dx);
                x.contributed(dx);
            });
        }
        return y;
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        memory.differentiable(output().elements(steps, batch));
    }
}
