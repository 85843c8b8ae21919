package org.gatefold.layer;

import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.gatefold.autograd.Variable;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Tensor;

/** A layer without parameters that gives what it takes in form: one operation, and one on the way back. */
public abstract class SameFormLayer extends Layer {
    @Override
    protected final Form declare(ParameterStore parameters, Form in) {
        return in;
    }

    /**
     * A new variable of x's shape.
     *
     * @param forward writes its value
     * @param backward writes the gradient of x; gets the variable, whose gradient is complete
     */
    public static Variable compute(
            Context context, Variable x, Consumer<Tensor> forward, BiConsumer<Variable, Tensor> backward) {
        Variable y = context.output("y", x.requiresGradient(), x.lengths(), x.shape());
        forward.accept(y.value());
        if (y.requiresGradient()) {
            context.tape().record(y, () -> {
                Tensor dx = x.contribution();
                backward.accept(y, dx);
                x.contributed(dx);
            });
        }
        return y;
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        memory.differentiable(output().elements(steps, batch));
    }
}
