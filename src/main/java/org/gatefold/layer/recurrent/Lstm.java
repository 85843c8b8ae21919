package org.gatefold.layer.recurrent;

import java.util.Map;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Options;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.GateActivation;

/**
 * Long short-term memory layers (Hochreiter and Schmidhuber 1997): {@code c = f*c' + i*g}, {@code h = o*tanh(c)}.
 *
 * <p>Options, forms and parameters: {@link RecurrentLayer}. Gates stand in the order i, f, g, o. The forget gate's bias
 * starts at 1 unless {@link #forgetBias} says otherwise.
 */
public final class Lstm extends RecurrentLayer<Lstm> {
    private float forgetBias = 1f;

    private Lstm(int units) {
        super(units);
    }

    /** A layer of so many units, with the defaults of {@link RecurrentLayer}. */
    public static Lstm of(int units) {
        return new Lstm(units);
    }

    static Lstm described(Options options) {
        return of(options.integer("units")).configure(options).forgetBias(options.real("forgetBias"));
    }

    /** Added to the first values of the forget gate's bias; 1 by default, 0 in PyTorch. */
    public Lstm forgetBias(float value) {
        requireNotBuilt();
        if (!Float.isFinite(value)) {
            throw new IllegalArgumentException("forgetBias: expected a finite value, got " + value);
        }
        forgetBias = value;
        return this;
    }

    /** Keeps the cell state within ±bound; 0 for no bound. No gradient flows through states at the bound. */
    public Lstm cellClip(float bound) {
        return options(cellOptions().withCellClip(bound));
    }

    /**
     * Lets the gates see the cell state: i and f that before the step, o that after it (Gers and Schmidhuber 2000). Parameters
     * {@code NAME.l.forward.p [3·H]}, of i, f and o, start at zero unless {@link #peepholes(Initializer)} says otherwise.
     */
    public Lstm peepholes() {
        return options(cellOptions().withPeepholes(true));
    }

    /** First values of peepholes, and peepholes. */
    public Lstm peepholes(Initializer initializer) {
        return peepholes().peepholeWeights(initializer);
    }

    /** Forgets what is written: {@code f = 1 - i} (Greff et al. 2017). The rows of f in weights and bias have no effect. */
    public Lstm coupledGates() {
        return options(cellOptions().withCoupled(true));
    }

    /**
     * Gives and carries not all units but a projection of them to fewer features, {@code h = Wr (o*tanh(c))} (Sak et al. 2014; PyTorch's
     * {@code proj_size}): outputs have P features a direction, h is {@code [L·D, B, P]}, c stays {@code [L·D, B, H]}. Parameters
     * {@code NAME.l.forward.wr [P, H]}, PyTorch's {@code weight_hr}, start as input weights do.
     *
     * @param features P, at least 1 and fewer than units
     */
    public Lstm projection(int features) {
        if (features < 1 || features >= units()) {
            throw new IllegalArgumentException(
                    "projection: expected at least 1 and fewer than the units, " + units() + ", got " + features);
        }
        return options(cellOptions().withProjection(features));
    }

    /** As {@link #zoneout(float)}, and the cell state with probability c. */
    public Lstm zoneout(float h, float c) {
        return noise(cellOptions().noise().withZoneout(h, c));
    }

    /** The function of i, f and o, in all directions; Keras' {@code recurrent_activation}. */
    public Lstm recurrentActivation(GateActivation function) {
        return gateActivation(function);
    }

    /** The function of g and of the cell state on its way out, in all directions; Keras' {@code activation}. */
    public Lstm activation(GateActivation function) {
        return stateActivation(function);
    }

    /** All first values uniform within ±1/√H and no forget bias, as PyTorch. */
    @Override
    public Lstm torchInitializers() {
        return super.torchInitializers().forgetBias(0f);
    }

    @Override
    public LstmCell cell() {
        return new LstmCell(name(), core());
    }

    @Override
    protected Map<String, Object> options() {
        Map<String, Object> options = super.options();
        options.put("forgetBias", forgetBias);
        return options;
    }

    @Override
    void adjustBias(float[] values) {
        for (int i = units(); i < 2 * units(); i++) {
            values[i] += forgetBias;
        }
    }

    @Override
    Cell cellKind() {
        return Cell.LSTM;
    }

    @Override
    Lstm self() {
        return this;
    }
}
