package org.gatefold.exchange;

import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Layer;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.StepMemory;
import org.gatefold.tensor.Form;

/** For tests of descriptions and files: passes on what comes. */
abstract class PassingLayer extends Layer {
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
