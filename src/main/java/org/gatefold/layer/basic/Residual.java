package org.gatefold.layer.basic;

import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Functional;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Layers;
import org.gatefold.layer.Options;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.StreamStates;

/**
 * A layer whose output is added to its input (He et al. 2016): {@code y = x + layer(x)}. The layer gives the form that it takes; its
 * parameters are named {@code NAME.layer.…}.
 */
public final class Residual extends WrappingLayer {
    private Residual(Layer inner) {
        super(inner);
    }

    /** Wraps a layer that is not built yet. */
    public static Residual of(Layer layer) {
        return new Residual(layer);
    }

    static Residual described(Options options) {
        return of(Layers.wrapped(options.map("layer")));
    }

    @Override
    protected Map<String, Object> options() {
        return Options.written("layer", Layers.wrapping(inner()));
    }

    @Override
    protected void stream(StreamStates states) {
        states.add(inner());
    }

    @Override
    protected Variable apply(Context context, Variable x) {
        return Functional.add(context, x, inner().forward(context, x));
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        inner().footprint(memory, steps, batch);
        memory.differentiable(output().elements(steps, batch));
    }
}
