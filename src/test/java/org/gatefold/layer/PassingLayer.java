package org.gatefold.layer;

import org.gatefold.autograd.Variable;
import org.gatefold.tensor.Form;

/** A layer for tests: passes on what comes, and has neither parameters nor options, unless it says more. */
public abstract class PassingLayer extends Layer {
    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        return in;
    }

    @Override
    protected Variable apply(Context context, Variable x) {
        return x;
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {}
}
