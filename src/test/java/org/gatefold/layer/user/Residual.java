package org.gatefold.layer.user;

import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Options;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.basic.Linear;
import org.gatefold.op.elementwise.ElementwiseOp;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Tensor;

/** A layer as a program of its own would write it: {@code y = x + strength times inner(x)}, on the public API alone. */
public final class Residual extends Layer {
    private final float strength;
    private Linear inner;

    public Residual(float strength) {
        this.strength = strength;
    }

    /** Called when a model with this layer is loaded. */
    public static Residual described(Options options) {
        return new Residual(options.real("strength"));
    }

    @Override
    protected Map<String, Object> options() {
        return Map.of("strength", strength);
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        inner = Linear.of(in.features());
        return inner.build(parameters, name() + ".inner", in);
    }

    @Override
    protected Variable apply(Context context, Variable x) {
        Variable h = inner.forward(context, x);
        ElementwiseOp elementwise = context.op(ElementwiseOp.class);
        Tensor scaled = context.scope().f32("scaled", h.shape());
        elementwise.scale(strength, h.value(), scaled);
        Variable y = context.output("y", x.requiresGradient() || h.requiresGradient(), x.lengths(), x.shape());
        elementwise.combine(ElementwiseOp.Binary.ADD, x.value(), scaled, y.value());
        if (y.requiresGradient()) {
            context.tape().record(y, () -> {
                if (x.requiresGradient()) {
                    Tensor dx = x.contribution();
                    dx.copyFrom(y.gradient());
                    x.contributed(dx);
                }
                if (h.requiresGradient()) {
                    Tensor dh = h.contribution();
                    elementwise.scale(strength, y.gradient(), dh);
                    h.contributed(dh);
                }
            });
        }
        return y;
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        inner.footprint(memory, steps, batch);
        memory.tensor(output().elements(steps, batch));
        memory.differentiable(output().elements(steps, batch));
    }
}
