package org.gatefold.layer.cell;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Functional;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Options;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.norm.BatchNorm;
import org.gatefold.op.Arguments;
import org.gatefold.op.elementwise.Activation;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;

/**
 * An LSTM with batch normalisation. Without further options that of the input product over all steps of all rows (Laurent et al.
 * 2016), which {@link org.gatefold.layer.recurrent.Lstm#batchNorm()} computes in one go:
 *
 * <pre>
 * ĩ, f̃, g̃, õ = γ_x ⊙ BN(Wx x) + Wh h' + b
 * c = σ(f̃) ⊙ c' + σ(ĩ) ⊙ tanh(g̃)        h = σ(õ) ⊙ tanh(c)
 * </pre>
 *
 * With {@link #perStep} that of both products and of the cell state by statistics of each step (Cooijmans et al. 2017, equations 6 to
 * 8):
 *
 * <pre>
 * ĩ, f̃, g̃, õ = γ_x ⊙ BN_t(Wx x) + γ_h ⊙ BN_t(Wh h') + b
 * c = σ(f̃) ⊙ c' + σ(ĩ) ⊙ tanh(g̃)        h = σ(õ) ⊙ tanh(γ_c ⊙ BN_t(c) + β_c)
 * </pre>
 *
 * BN takes mean and variance of the batch in training, of real steps alone, and running ones in inference; epsilon is 1e-5 and
 * momentum 0.1 unless set.
 *
 * <p>Parameters {@code wx [4·H, I]}, at first Glorot uniform, {@code wh [4·H, H]}, orthogonal, {@code b [4·H]}, zero and one for f, with
 * row blocks in the order of the built-in LSTM, {@code gammax [4·H]}, at first 0.1, and per step {@code gammah [4·H]} and
 * {@code gammac [H]}, likewise, and {@code betac [H]}, zero; and never trained {@code normx.mean} and {@code .variance}, per step those of
 * {@code normx0}, {@code normh0}, {@code normc0} and so on. States h and c.
 */
public final class BatchNormLstm extends NormedCell<BatchNormLstm> {
    private static final float GAIN = 0.1f;

    private float momentum = 0.1f;
    private int statistics;
    private Parameter wx;
    private Parameter wh;
    private Parameter b;
    private Parameter gammaX;
    private Parameter gammaH;
    private Parameter gammaC;
    private Parameter betaC;
    private final List<BatchNorm> normX = new ArrayList<>();
    private final List<BatchNorm> normH = new ArrayList<>();
    private final List<BatchNorm> normC = new ArrayList<>();

    private BatchNormLstm(int units) {
        super(units);
    }

    /** A cell of so many units that normalises the input product. */
    public static BatchNormLstm of(int units) {
        return new BatchNormLstm(units);
    }

    static BatchNormLstm described(Options options) {
        BatchNormLstm cell =
                of(options.integer("units")).epsilon(options.real("epsilon")).momentum(options.real("momentum"));
        return options.integer("perStep") == 0 ? cell : cell.perStep(options.integer("perStep"));
    }

    /**
     * Normalises both products and the cell state, each step by statistics of its own. It then counts steps from the begin of a
     * sequence, and runs neither in a stream nor in a stateful layer.
     *
     * @param steps that have statistics of their own, at least 1; later ones share those of the last
     */
    public BatchNormLstm perStep(int steps) {
        statistics = Arguments.requireAtLeast("steps", 1, steps);
        return this;
    }

    @Override
    BatchNormLstm self() {
        return this;
    }

    /** The share of each batch in the running statistics, 0 to 1, as in {@link BatchNorm#momentum}. */
    public BatchNormLstm momentum(float value) {
        BatchNorm.create().momentum(value); // refuses what is no share
        momentum = value;
        return this;
    }

    @Override
    protected Map<String, Object> options() {
        Map<String, Object> options = super.options();
        options.put("momentum", momentum);
        options.put("perStep", statistics);
        return options;
    }

    @Override
    protected boolean countsSteps() {
        return statistics > 0;
    }

    @Override
    protected int declare(CellParts parts, int features) {
        Shape ofGates = Shape.of(4 * units());
        wx = parts.parameter("wx", Shape.of(4 * units(), features), Initializer.GLOROT_UNIFORM);
        wh = parts.parameter("wh", Shape.of(4 * units(), units()), Initializer.ORTHOGONAL);
        b = parts.parameter("b", ofGates, (shape, seed) -> Gates.biases(units(), 1));
        gammaX = parts.parameter("gammax", ofGates, Initializer.constant(GAIN));
        if (statistics == 0) {
            normX.add(parts.layer("normx", norm(), Form.sequences(4 * units())));
        } else {
            gammaH = parts.parameter("gammah", ofGates, Initializer.constant(GAIN));
            gammaC = parts.parameter("gammac", Shape.of(units()), Initializer.constant(GAIN));
            betaC = parts.parameter("betac", Shape.of(units()), Initializer.ZEROS);
        }
        for (int t = 0; t < statistics; t++) {
            normX.add(parts.layer("normx" + t, norm(), Form.rows(4 * units())));
            normH.add(parts.layer("normh" + t, norm(), Form.rows(4 * units())));
            normC.add(parts.layer("normc" + t, norm(), Form.rows(units())));
        }
        parts.state(units());
        parts.state(units());
        return units();
    }

    private BatchNorm norm() {
        return BatchNorm.create().withoutAffine().epsilon(epsilon()).momentum(momentum);
    }

    private static Variable scaled(Context context, Variable rows, Parameter gamma) {
        return Functional.multiply(
                context, rows, Functional.repeat(context, gamma, rows.shape().dim(0)));
    }

    private static Variable shifted(Context context, Variable rows, Parameter shift) {
        return Functional.add(
                context, rows, Functional.repeat(context, shift, rows.shape().dim(0)));
    }

    @Override
    protected Variable prepare(Context context, Variable x) {
        Variable product = Functional.linear(context, x, wx, null);
        if (statistics > 0) {
            return product;
        }
        Variable normed = normX.get(0).forward(context, product);
        int rows = Math.toIntExact(normed.shape().rows());
        Variable sums = shifted(context, scaled(context, normed.reshape(rows, 4 * units()), gammaX), b);
        return sums.reshape(x.shape().dim(0), x.shape().dim(1), 4 * units());
    }

    @Override
    protected Variable step(Context context, Variable x, CellStates states) {
        int t = Math.min(states.step(), statistics - 1);
        Variable sums = x;
        Variable product = Functional.linear(context, states.get(0), wh, null);
        if (statistics > 0) {
            sums = shifted(context, scaled(context, normX.get(t).forward(context, x), gammaX), b);
            product = scaled(context, normH.get(t).forward(context, product), gammaH);
        }
        Gates.Lstm next = Gates.lstm(context, Functional.add(context, sums, product), states.get(1));
        Variable c = next.c();
        states.set(1, c);
        Variable shown = c;
        if (statistics > 0) {
            shown = shifted(context, scaled(context, normC.get(t).forward(context, c), gammaC), betaC);
        }
        Variable squashed = Functional.activate(context, Activation.TANH, shown);
        return states.set(0, Functional.multiply(context, next.o(), squashed));
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        long rows = (long) steps * batch;
        memory.differentiable(4 * rows * units());
        if (statistics == 0) {
            accountNorm(memory, rows, 4 * units());
            accountVectors(memory, rows, 4 * units(), 2);
        }
        for (int t = 0; t < steps; t++) {
            for (int i = 0; i < 3; i++) {
                memory.differentiable(4L * batch * units());
            }
            for (int i = 0; i < 9; i++) {
                memory.differentiable((long) batch * units());
            }
            if (statistics > 0) {
                accountNorm(memory, batch, 4 * units());
                accountNorm(memory, batch, 4 * units());
                accountNorm(memory, batch, units());
                accountVectors(memory, batch, 4 * units(), 3);
                accountVectors(memory, batch, units(), 2);
            }
        }
        // Three gates beyond the first; h and c are used and carried.
        accountContributions(memory, steps, (long) batch * units(), 4, 3, 2);
    }

    private static void accountNorm(StepMemory memory, long rows, int features) {
        memory.differentiable(rows * features);
        memory.tensor(features);
        memory.tensor(features);
    }

    /** Vectors that are repeated as rows, each combined with others. */
    private static void accountVectors(StepMemory memory, long rows, int features, int count) {
        for (int i = 0; i < count; i++) {
            memory.differentiable(rows * features);
            memory.differentiable(rows * features);
            for (int k = 0; k < 3; k++) {
                memory.tensor(rows);
            }
        }
    }
}
