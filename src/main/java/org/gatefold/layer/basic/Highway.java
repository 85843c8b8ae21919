package org.gatefold.layer.basic;

import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Functional;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Layers;
import org.gatefold.layer.Options;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.StreamStates;
import org.gatefold.op.Precision;
import org.gatefold.op.elementwise.Activation;
import org.gatefold.tensor.Form;

/**
 * A layer whose output is mixed with its input by a gate (Srivastava et al. 2015): {@code y = t ∘ layer(x) + (1 - t) ∘ x}, {@code t =
 * sigmoid(W x + b)}. The layer gives the form that it takes.
 *
 * <p>Parameters of the layer are named {@code NAME.layer.…}, those of the gate {@code NAME.gate.w [F, F]} and {@code NAME.gate.b [F]}, at first
 * -1 unless set, so that the input passes at first.
 */
public final class Highway extends WrappingLayer {
    private Initializer bias = Initializer.constant(-1f);
    private Linear gate;

    private Highway(Layer inner) {
        super(inner);
    }

    /** Wraps a layer that is not built yet. */
    public static Highway of(Layer layer) {
        return new Highway(layer);
    }

    static Highway described(Options options) {
        return of(Layers.wrapped(options.map("layer"))).gateBias(options.initializer("gateBias"));
    }

    /** First values of the gate's bias; the lower, the more of the input passes at first. */
    public Highway gateBias(Initializer initializer) {
        bias = option("gateBias", initializer);
        return this;
    }

    @Override
    public Highway named(String newName) {
        super.named(newName);
        return this;
    }

    @Override
    public boolean computesIn(Precision precision) {
        return precision == Precision.F32 || super.computesIn(precision);
    }

    @Override
    protected Map<String, Object> options() {
        return Options.written("layer", Layers.wrapping(inner()), "gateBias", bias.toString());
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        Form out = super.declare(parameters, in);
        gate = Linear.of(in.last()).bias(bias);
        gate.build(parameters, name() + ".gate", in);
        return out;
    }

    /** Each step stands for itself. */
    @Override
    protected void stream(StreamStates states) {}

    @Override
    protected Variable apply(Context context, Variable x) {
        Variable h = inner().forward(context, x);
        Variable t = Functional.activate(context, Activation.SIGMOID, gate.forward(context, x));
        Variable change = Functional.multiply(context, t, Functional.subtract(context, h, x));
        return Functional.add(context, x, change);
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        inner().footprint(memory, steps, batch);
        gate.footprint(memory, steps, batch);
        long elements = output().elements(steps, batch);
        for (int i = 0; i < 4; i++) {
            memory.differentiable(elements);
        }
        // The input is read four times; only the first gradient is written in place.
        memory.tensor(elements);
        memory.tensor(elements);
        memory.tensor(elements);
    }
}
