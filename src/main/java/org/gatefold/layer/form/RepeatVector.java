package org.gatefold.layer.form;

import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Options;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.PickedRows;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.WholeSequenceLayer;
import org.gatefold.op.Arguments;
import org.gatefold.tensor.Form;

/** Each row as so many equal steps, {@code [B, …]} to {@code [N, B, …]}; Keras' RepeatVector. No parameters. */
public final class RepeatVector extends WholeSequenceLayer {
    private final int count;

    private RepeatVector(int count) {
        super("makes sequences of its own, whose steps are not those of the stream");
        this.count = Arguments.requireAtLeast("count", 1, count);
    }

    /** Sequences of so many steps. */
    public static RepeatVector of(int count) {
        return new RepeatVector(count);
    }

    static RepeatVector described(Options options) {
        return of(options.integer("count"));
    }

    @Override
    protected Map<String, Object> options() {
        return Options.written("count", count);
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        if (in.sequence()) {
            throw new IllegalArgumentException("layer '" + name() + "': expected rows [B, …], got sequences " + in);
        }
        return in.withSequence(true);
    }

    @Override
    protected Variable apply(Context context, Variable x) {
        int batch = x.shape().dim(0);
        int[] from = new int[Math.multiplyExact(count, batch)];
        for (int i = 0; i < from.length; i++) {
            from[i] = i % batch;
        }
        Variable y = context.output("y", x.requiresGradient(), null, output().shape(count, batch));
        PickedRows.of(context, x, count, batch, from, null, y);
        return y;
    }

    @Override
    public int outputSteps(int steps) {
        return count;
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        memory.differentiable(output().elements(count, batch));
        PickedRows.account(memory, (long) count * batch);
    }
}
