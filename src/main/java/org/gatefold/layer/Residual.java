package org.gatefold.layer;

import java.util.LinkedHashMap;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.op.Precision;
import org.gatefold.tensor.Form;

/**
 * A layer whose output is added to its input (He et al. 2016): {@code y = x + layer(x)}. The layer gives the form that it takes; its
 * parameters are named {@code NAME.layer.…}.
 */
public final class Residual extends Layer {
    private final Layer inner;

    private Residual(Layer inner) {
        this.inner = inner;
    }

    /** Wraps a layer that is not built yet. */
    public static Residual of(Layer layer) {
        return new Residual(layer);
    }

    static Residual described(Options options) {
        return of(Layers.wrapped(options.map("layer")));
    }

    @Override
    public String type() {
        return "Residual";
    }

    @Override
    public boolean carriesStates() {
        return inner.carriesStates();
    }

    @Override
    public boolean computesIn(Precision precision) {
        return inner.computesIn(precision);
    }

    @Override
    protected Map<String, Object> options() {
        Map<String, Object> options = new LinkedHashMap<>();
        options.put("layer", Layers.wrapping(inner));
        return options;
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        Form out = inner.build(parameters, name() + ".layer", in);
        if (!out.equals(in)) {
            throw new IllegalArgumentException("layer '" + name() + "': expected a layer that gives what it takes, "
                    + in + ", got one that gives " + out);
        }
        return out;
    }

    @Override
    protected void stream(StreamStates states) {
        states.add(inner);
    }

    @Override
    protected Variable apply(Context context, Variable x) {
        return Functional.add(context, x, inner.forward(context, x));
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        inner.footprint(memory, steps, batch);
        memory.differentiable(output().elements(steps, batch));
    }
}
