package org.gatefold.layer.form;

import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.StepwiseLayer;

/** A layer that gives the numbers of each row or step under another form, with lengths; it copies nothing. */
abstract class View extends StepwiseLayer {
    @Override
    protected final Variable apply(Context context, Variable x) {
        int steps = x.shape().dim(0);
        return output().sequence()
                ? x.reshape(x.lengths(), output().shape(steps, x.shape().dim(1)).toArray())
                : x.reshape(output().shape(1, steps).toArray());
    }

    @Override
    protected final void account(StepMemory memory, int steps, int batch) {}
}
