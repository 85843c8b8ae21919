package org.gatefold.layer.cell;

import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Functional;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Options;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.StepMemory;
import org.gatefold.op.elementwise.Activation;
import org.gatefold.tensor.Shape;

/**
 * A simple recurrent unit (Lei et al. 2018, equations 1 to 4), whose products do not depend on states and are computed for all steps at
 * once:
 *
 * <pre>
 * f = σ(W_f x + v_f ⊙ c' + b_f)      c = f ⊙ c' + (1 − f) ⊙ W x
 * r = σ(W_r x + v_r ⊙ c' + b_r)      h = r ⊙ c + (1 − r) ⊙ W_h x
 * </pre>
 *
 * W_h x stands where the paper has x, for any number of features; W x and W_h x have a bias too. Parameters {@code w [4·H, I]}, the
 * blocks W, W_f, W_r and W_h, at first Glorot uniform, {@code b [4·H]}, zero, {@code vf} and {@code vr [H]}, uniform within ±1/√H. One
 * state, c.
 */
public final class Sru extends ProductCell {
    private Parameter vf;
    private Parameter vr;

    private Sru(int units) {
        super(units);
    }

    /** A cell of so many units. */
    public static Sru of(int units) {
        return new Sru(units);
    }

    static Sru described(Options options) {
        return of(options.integer("units"));
    }

    @Override
    protected int declare(CellParts parts, int features) {
        declareProduct(parts, 4 * units(), features, NO_BIAS);
        Initializer small = Initializer.uniform((float) (1 / Math.sqrt(units())));
        vf = parts.parameter("vf", Shape.of(units()), small);
        vr = parts.parameter("vr", Shape.of(units()), small);
        parts.state(units());
        return units();
    }

    @Override
    protected Variable step(Context context, Variable x, CellStates states) {
        Variable[] parts = Functional.split(context, x, 4);
        Variable before = states.get(0);
        Variable f = gate(context, parts[1], vf, before);
        Variable r = gate(context, parts[2], vr, before);
        Variable c = states.set(0, between(context, f, before, parts[0]));
        return between(context, r, c, parts[3]);
    }

    private static Variable gate(Context context, Variable product, Parameter v, Variable before) {
        Variable own = Functional.repeat(context, v, before.shape().dim(0));
        Variable sum = Functional.add(context, product, Functional.multiply(context, own, before));
        return Functional.activate(context, Activation.SIGMOID, sum);
    }

    /** {@code g a + (1 - g) b}. */
    private static Variable between(Context context, Variable g, Variable a, Variable b) {
        return Functional.add(context, b, Functional.multiply(context, g, Functional.subtract(context, a, b)));
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        long values = (long) batch * units();
        memory.differentiable(4L * steps * values);
        for (int t = 0; t < steps; t++) {
            memory.differentiable(4 * values);
            for (int i = 0; i < 14; i++) {
                memory.differentiable(values);
            }
            for (int i = 0; i < 6; i++) {
                memory.tensor(batch);
            }
        }
        // Four blocks, two of them used twice; c is used once and three times in the next step.
        accountContributions(memory, steps, values, 4, 5, 3);
    }
}
