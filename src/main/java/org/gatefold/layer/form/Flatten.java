package org.gatefold.layer.form;

import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Options;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.StreamStates;
import org.gatefold.tensor.Form;

/**
 * The numbers of each row or step as features, {@code [B, …]} to {@code [B, F]} and {@code [T, B, …]} to {@code [T, B, F]}; of rows
 * Keras' and PyTorch's Flatten. Copies nothing, keeps lengths, has no parameters.
 */
public final class Flatten extends Layer {
    private Flatten() {}

    public static Flatten create() {
        return new Flatten();
    }

    static Flatten described(Options options) {
        return create();
    }

    @Override
    public String type() {
        return "Flatten";
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        return Form.rows(Math.toIntExact(in.size())).withSequence(in.sequence());
    }

    /** Each step stands for itself. */
    @Override
    protected void stream(StreamStates states) {}

    @Override
    protected Variable apply(Context context, Variable x) {
        return Views.of(x, output());
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {}
}
