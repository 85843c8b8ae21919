package org.gatefold.layer.form;

import java.util.List;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Options;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.WholeSequenceLayer;
import org.gatefold.tensor.Form;

/**
 * Rows as sequences whose steps are the first dimension, {@code [B, N, …]} to {@code [N, B, …]}: so the columns of an image are read one
 * after the other. No parameters.
 */
public final class ToSequence extends WholeSequenceLayer {
    private ToSequence() {
        super("makes sequences of its own, whose steps are not those of the stream");
    }

    public static ToSequence create() {
        return new ToSequence();
    }

    static ToSequence described(Options options) {
        return create();
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        List<Integer> dimensions = in.dimensions();
        if (in.sequence() || dimensions.size() < 2) {
            throw new IllegalArgumentException(
                    "layer '" + name() + "': expected rows of at least two dimensions [B, N, …], got " + in);
        }
        return new Form(in.type(), true, dimensions.subList(1, dimensions.size()));
    }

    @Override
    protected Variable apply(Context context, Variable x) {
        return SwappedSteps.of(context, x, output());
    }

    @Override
    public int outputSteps(int steps) {
        return input().dimensions().get(0);
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        memory.differentiable(input().elements(1, batch));
    }
}
