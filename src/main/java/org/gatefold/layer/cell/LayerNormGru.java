package org.gatefold.layer.cell;

import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Functional;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Options;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.norm.LayerNorm;
import org.gatefold.op.elementwise.Activation;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;

/**
 * A GRU with layer normalisation of both products (Ba et al. 2016), as Haste's {@code LayerNormGRU}: the reset gate multiplies the
 * normalised product.
 *
 * <pre>
 * x̂ = LN(Wx x)      ĥ = LN(Wh h')
 * r = σ(x̂_r + ĥ_r)      z = σ(x̂_z + ĥ_z)      n = tanh(x̂_n + r ⊙ ĥ_n)
 * h = (1 − z) ⊙ n + z ⊙ h'
 * </pre>
 *
 * each LN over all three gates, with gain and shift of its own, which is the product's bias, and epsilon 1e-5 unless set.
 *
 * <p>Parameters {@code wx [3·H, I]}, at first Glorot uniform, {@code wh [3·H, H]}, orthogonal, with row blocks in the order of the
 * built-in GRU, r, z, n, where Haste has z, r, n; and those of the layers {@code normx} and {@code normh}. One state, h.
 */
public final class LayerNormGru extends NormedCell<LayerNormGru> {
    private Parameter wx;
    private Parameter wh;
    private LayerNorm normX;
    private LayerNorm normH;

    private LayerNormGru(int units) {
        super(units);
    }

    /** A cell of so many units. */
    public static LayerNormGru of(int units) {
        return new LayerNormGru(units);
    }

    static LayerNormGru described(Options options) {
        return of(options.integer("units")).epsilon(options.real("epsilon"));
    }

    @Override
    LayerNormGru self() {
        return this;
    }

    @Override
    protected int declare(CellParts parts, int features) {
        wx = parts.parameter("wx", Shape.of(3 * units(), features), Initializer.GLOROT_UNIFORM);
        wh = parts.parameter("wh", Shape.of(3 * units(), units()), Initializer.ORTHOGONAL);
        normX = parts.layer("normx", LayerNorm.create().epsilon(epsilon()), Form.sequences(3 * units()));
        normH = parts.layer("normh", LayerNorm.create().epsilon(epsilon()), Form.rows(3 * units()));
        parts.state(units());
        return units();
    }

    @Override
    protected Variable prepare(Context context, Variable x) {
        return normX.forward(context, Functional.linear(context, x, wx, null));
    }

    @Override
    protected Variable step(Context context, Variable x, CellStates states) {
        Variable before = states.get(0);
        Variable[] ofX = Functional.split(context, x, 3);
        Variable[] ofH =
                Functional.split(context, normH.forward(context, Functional.linear(context, before, wh, null)), 3);
        Variable r = Functional.activate(context, Activation.SIGMOID, Functional.add(context, ofX[0], ofH[0]));
        Variable z = Functional.activate(context, Activation.SIGMOID, Functional.add(context, ofX[1], ofH[1]));
        Variable product = Functional.multiply(context, r, ofH[2]);
        Variable n = Functional.activate(context, Activation.TANH, Functional.add(context, ofX[2], product));
        Variable stays = Functional.multiply(context, z, Functional.subtract(context, before, n));
        return states.set(0, Functional.add(context, n, stays));
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        long values = (long) batch * units();
        for (int i = 0; i < 2; i++) {
            memory.differentiable(3L * steps * values);
        }
        for (int t = 0; t < steps; t++) {
            for (int i = 0; i < 4; i++) {
                memory.differentiable(3 * values);
            }
            for (int i = 0; i < 10; i++) {
                memory.differentiable(values);
            }
        }
        // Twice two gates beyond the first, and n, which is used twice; h is given, and used twice in the next step.
        accountContributions(memory, steps, values, 3, 5, 2);
    }
}
