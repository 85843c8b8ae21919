package org.gatefold.layer.form;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Options;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.WholeSequenceLayer;
import org.gatefold.op.Arguments;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Lengths;

/**
 * Sequences of a fixed number of steps as rows whose first dimension they are, {@code [N, B, …]} to {@code [B, N, …]}: so that a layer of
 * rows, such as {@link Flatten}, reads all steps. Sequences of other numbers of steps, and rows that are shorter or masked, are refused.
 * No parameters.
 */
public final class ToRows extends WholeSequenceLayer {
    private final int count;

    private ToRows(int count) {
        super("reads all steps of the sequence at once");
        this.count = Arguments.requireAtLeast("count", 1, count);
    }

    /** Rows of so many steps. */
    public static ToRows of(int count) {
        return new ToRows(count);
    }

    static ToRows described(Options options) {
        return of(options.integer("count"));
    }

    @Override
    protected Map<String, Object> options() {
        return Options.written("count", count);
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        requireSequence(in);
        List<Integer> dimensions = new ArrayList<>(List.of(count));
        dimensions.addAll(in.dimensions());
        return new Form(in.type(), false, dimensions);
    }

    @Override
    protected Variable apply(Context context, Variable x) {
        requireWhole(x.shape().dim(0), x.lengths());
        return SwappedSteps.of(context, x, output());
    }

    private void requireWhole(int steps, Lengths lengths) {
        if (steps != count) {
            throw new IllegalArgumentException(
                    "layer '" + name() + "': expected sequences of " + count + " steps, got " + steps);
        }
        if (lengths == null) {
            return;
        }
        int[] real = lengths.mask() == null ? lengths.toArray() : lengths.mask().counts();
        for (int row = 0; row < real.length; row++) {
            if (real[row] != count) {
                throw new IllegalArgumentException("layer '" + name() + "': expected " + count
                        + " real steps in each row, got " + real[row] + " in row " + row);
            }
        }
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        memory.differentiable(output().elements(1, batch));
    }
}
