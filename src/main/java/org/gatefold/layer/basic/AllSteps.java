package org.gatefold.layer.basic;

import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Options;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.WholeSequenceLayer;
import org.gatefold.tensor.Form;

/**
 * Takes every step of a sequence for a real one: forgets lengths, and which steps a {@link Masking} leaves out. What stands in padding goes
 * on unchanged and is read by the layers behind as any other step, so rows should be padded to one number of steps by the caller. That is
 * how layers of Keras read that know no masks, such as convolutions. No parameters.
 */
public final class AllSteps extends WholeSequenceLayer {
    private AllSteps() {
        super("reads steps behind the ends of rows, which a stream has not come to");
    }

    public static AllSteps create() {
        return new AllSteps();
    }

    static AllSteps described(Options options) {
        return create();
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        requireSequence(in);
        return in;
    }

    @Override
    protected Variable apply(Context context, Variable x) {
        return x.lengths() == null ? x : x.reshape(x.shape().toArray());
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {}
}
