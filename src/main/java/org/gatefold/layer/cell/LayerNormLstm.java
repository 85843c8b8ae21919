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
 * An LSTM with layer normalisation of both products and of the cell state (Ba et al. 2016, equations 20 to 22):
 *
 * <pre>
 * ĩ, f̃, g̃, õ = LN(Wx x) + LN(Wh h') + b
 * c = σ(f̃) ⊙ c' + σ(ĩ) ⊙ tanh(g̃)        h = σ(õ) ⊙ tanh(LN(c))
 * </pre>
 *
 * each LN over all four gates, or all units of c, with gain and shift of its own, and epsilon 1e-5 unless set.
 *
 * <p>Parameters {@code wx [4·H, I]}, at first Glorot uniform, {@code wh [4·H, H]}, orthogonal, {@code b [4·H]}, zero and one for f, with
 * row blocks in the order of the built-in LSTM, and those of the layers {@code normx}, {@code normh} and {@code normc}. States h and c.
 */
public final class LayerNormLstm extends NormedCell<LayerNormLstm> {
    private Parameter wx;
    private Parameter wh;
    private Parameter b;
    private LayerNorm normX;
    private LayerNorm normH;
    private LayerNorm normC;

    private LayerNormLstm(int units) {
        super(units);
    }

    /** A cell of so many units. */
    public static LayerNormLstm of(int units) {
        return new LayerNormLstm(units);
    }

    static LayerNormLstm described(Options options) {
        return of(options.integer("units")).epsilon(options.real("epsilon"));
    }

    @Override
    LayerNormLstm self() {
        return this;
    }

    @Override
    protected int declare(CellParts parts, int features) {
        wx = parts.parameter("wx", Shape.of(4 * units(), features), Initializer.GLOROT_UNIFORM);
        wh = parts.parameter("wh", Shape.of(4 * units(), units()), Initializer.ORTHOGONAL);
        b = parts.parameter("b", Shape.of(4 * units()), (shape, seed) -> Gates.biases(units(), 1));
        normX = parts.layer("normx", norm(), Form.sequences(4 * units()));
        normH = parts.layer("normh", norm(), Form.rows(4 * units()));
        normC = parts.layer("normc", norm(), Form.rows(units()));
        parts.state(units());
        parts.state(units());
        return units();
    }

    private LayerNorm norm() {
        return LayerNorm.create().epsilon(epsilon());
    }

    @Override
    protected Variable prepare(Context context, Variable x) {
        Variable normed = normX.forward(context, Functional.linear(context, x, wx, null));
        int rows = Math.toIntExact(normed.shape().rows());
        Variable biased =
                Functional.add(context, normed.reshape(rows, 4 * units()), Functional.repeat(context, b, rows));
        return biased.reshape(x.shape().dim(0), x.shape().dim(1), 4 * units());
    }

    @Override
    protected Variable step(Context context, Variable x, CellStates states) {
        Variable product = Functional.linear(context, states.get(0), wh, null);
        Variable sums = Functional.add(context, x, normH.forward(context, product));
        Gates.Lstm next = Gates.lstm(context, sums, states.get(1));
        Variable c = next.c();
        states.set(1, c);
        Variable normed = Functional.activate(context, Activation.TANH, normC.forward(context, c));
        return states.set(0, Functional.multiply(context, next.o(), normed));
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        long values = (long) batch * units();
        for (int i = 0; i < 4; i++) {
            memory.differentiable(4L * steps * values);
        }
        for (int i = 0; i < 3; i++) {
            memory.tensor((long) steps * batch);
        }
        for (int t = 0; t < steps; t++) {
            for (int i = 0; i < 4; i++) {
                memory.differentiable(4 * values);
            }
            for (int i = 0; i < 10; i++) {
                memory.differentiable(values);
            }
        }
        // Three gates beyond the first; h and c are used and carried.
        accountContributions(memory, steps, values, 4, 3, 2);
    }
}
