package org.gatefold.layer.pooling;

import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Options;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.RealSteps;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.WholeSequenceLayer;
import org.gatefold.op.sequence.SequenceOp;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Tensor;

/** Reduces the valid steps of every row to one: mean, maximum or last; rows of length 0 give 0. No parameters. */
public final class TimePooling extends WholeSequenceLayer {
    private final SequenceOp.Pooling pooling;

    private TimePooling(SequenceOp.Pooling pooling) {
        super("reduces all steps of a sequence, later ones too");
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
    protected Map<String, Object> options() {
        return Options.written("pooling", Options.text(pooling));
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        requireSequence(in);
        return in.withSequence(false);
    }

    @Override
    protected Variable apply(Context context, Variable masked) {
        Variable x = RealSteps.gather(context, masked);
        int batch = x.shape().dim(1);
        int size = Math.toIntExact(output().size());
        Variable y = context.output("y", x.requiresGradient(), null, output().shape(1, batch));
        Tensor steps = x.value().reshape(x.shape().dim(0), batch, size);
        context.op(SequenceOp.class).pool(pooling, steps, x.lengths(), y.value().reshape(batch, size));
        if (y.requiresGradient()) {
            context.tape().record(y, () -> {
                Tensor dx = x.contribution();
                Tensor dSteps = dx.reshape(steps.shape().toArray());
                context.op(SequenceOp.class)
                        .poolBackward(pooling, steps, x.lengths(), y.gradient().reshape(batch, size), dSteps);
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
