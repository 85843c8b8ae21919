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
 * An LSTM with exponential input gate and a normaliser, the sLSTM of xLSTM (Beck et al. 2024, equations 8 to 17), with one head:
 *
 * <pre>
 * i = exp(ĩ)    f = σ(f̃)    z = tanh(z̃)    o = σ(õ)      ĩ, f̃, z̃, õ = W x + R h' + b
 * c = f c' + i z        n = f n' + i        h = o ⊙ c / n
 * </pre>
 *
 * computed with both gates divided by e^m, {@code m = max(log f + m', ĩ)}, which changes nothing but that no exponential overflows.
 *
 * <p>Parameters {@code w [4·H, I]}, at first Glorot uniform, {@code r [4·H, H]}, orthogonal, {@code b [4·H]}, zero and one for f; row
 * blocks in the order i, f, z, o. States h, c, n and m.
 */
public final class Slstm extends ProductCell {
    /** Before the first step: so small that the first input gate is the larger, and its logarithm no infinity. */
    private static final float NONE = -1e30f;

    private Parameter r;

    private Slstm(int units) {
        super(units);
    }

    /** A cell of so many units. */
    public static Slstm of(int units) {
        return new Slstm(units);
    }

    static Slstm described(Options options) {
        return of(options.integer("units"));
    }

    @Override
    protected int declare(CellParts parts, int features) {
        declareProduct(parts, 4 * units(), features, (shape, seed) -> Gates.biases(units(), 1));
        r = parts.parameter("r", Shape.of(4 * units(), units()), Initializer.ORTHOGONAL);
        parts.state(units());
        parts.state(units());
        parts.state(units());
        parts.state(units(), NONE);
        return units();
    }

    @Override
    protected Variable step(Context context, Variable x, CellStates states) {
        Variable sums = Functional.add(context, x, Functional.linear(context, states.get(0), r, null));
        Variable[] gates = Functional.split(context, sums, 4);
        // log σ(f̃) = -softplus(-f̃)
        Variable minus = Functional.scale(context, gates[1], -1f);
        Variable forget = Functional.scale(context, Functional.activate(context, Activation.SOFTPLUS, minus), -1f);
        Variable kept = Functional.add(context, forget, states.get(3));
        // h does not depend on m, so that nothing flows back through it.
        Variable m = Functional.maximum(context, kept.detached(), gates[0].detached());
        Variable i = Functional.activate(context, Activation.EXP, Functional.subtract(context, gates[0], m));
        Variable f = Functional.activate(context, Activation.EXP, Functional.subtract(context, kept, m));
        Variable z = Functional.activate(context, Activation.TANH, gates[2]);
        Variable c = Functional.add(
                context, Functional.multiply(context, f, states.get(1)), Functional.multiply(context, i, z));
        Variable n = Functional.add(context, Functional.multiply(context, f, states.get(2)), i);
        Variable o = Functional.activate(context, Activation.SIGMOID, gates[3]);
        states.set(1, c);
        states.set(2, n);
        states.set(3, m);
        return states.set(0, Functional.multiply(context, o, Functional.divide(context, c, n)));
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        long values = (long) batch * units();
        memory.differentiable(4L * steps * values);
        for (int t = 0; t < steps; t++) {
            for (int i = 0; i < 3; i++) {
                memory.differentiable(4 * values);
            }
            for (int i = 0; i < 17; i++) {
                memory.differentiable(values);
            }
            memory.tensor(values);
        }
        // Three gates beyond the first, i and f, which are used twice; h, c and n are used and carried.
        accountContributions(memory, steps, values, 4, 5, 3);
    }
}
