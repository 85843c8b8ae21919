package org.gatefold.layer.cell;

import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Functional;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Options;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.StepMemory;
import org.gatefold.op.Arguments;
import org.gatefold.op.elementwise.Activation;
import org.gatefold.tensor.Shape;

/**
 * An independently recurrent cell (Li et al. 2018, equation 3): {@code h = φ(W x + u ⊙ h' + b)}, each unit reading its own state alone; φ is the
 * rectifier unless set.
 *
 * <p>Parameters {@code w [H, I]}, at first Glorot uniform, {@code u [H]}, uniform within ±1, {@code b [H]}, zero. One state, h.
 */
public final class IndRnn extends ProductCell {
    private Activation function = Activation.RELU;
    private Parameter u;

    private IndRnn(int units) {
        super(units);
    }

    /** A cell of so many units. */
    public static IndRnn of(int units) {
        return new IndRnn(units);
    }

    static IndRnn described(Options options) {
        return of(options.integer("units")).activation(options.activation("function"));
    }

    /** The function φ. */
    public IndRnn activation(Activation newFunction) {
        function = Arguments.requireGiven("function", newFunction);
        return this;
    }

    @Override
    protected Map<String, Object> options() {
        Map<String, Object> options = super.options();
        options.put("function", Options.text(function.kind()));
        options.put("alpha", function.alpha());
        options.put("beta", function.beta());
        return options;
    }

    @Override
    protected int declare(CellParts parts, int features) {
        declareProduct(parts, units(), features, NO_BIAS);
        u = parts.parameter("u", Shape.of(units()), Initializer.uniform(1f));
        parts.state(units());
        return units();
    }

    @Override
    protected Variable step(Context context, Variable x, CellStates states) {
        Variable own = Functional.repeat(context, u, x.shape().dim(0));
        Variable sum = Functional.add(context, x, Functional.multiply(context, own, states.get(0)));
        return states.set(0, Functional.activate(context, function, sum));
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        long values = (long) batch * units();
        memory.differentiable(steps * values);
        for (int t = 0; t < steps; t++) {
            for (int i = 0; i < 4; i++) {
                memory.differentiable(values);
            }
            for (int i = 0; i < 3; i++) {
                memory.tensor(batch);
            }
        }
        // h is given and carried.
        accountContributions(memory, steps, values, 1, 0, 1);
    }
}
