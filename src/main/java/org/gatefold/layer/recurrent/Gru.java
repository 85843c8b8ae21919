package org.gatefold.layer.recurrent;

import org.gatefold.layer.Options;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.GateActivation;

/**
 * Gated recurrent units (Cho et al. 2014), in the form of cuDNN, PyTorch and Keras' {@code reset_after}:
 * {@code n = tanh(Wx x + b + r*(Wh h' + b'))}, {@code h = (1-z)*n + z*h'}.
 *
 * <p>Options, forms and parameters: {@link RecurrentLayer}. Gates stand in the order r, z, n; the bias holds r, z, n of
 * the input and n of the recurrence.
 */
public final class Gru extends RecurrentLayer<Gru> {
    private Gru(int units) {
        super(units);
    }

    /** A layer of so many units, with the defaults of {@link RecurrentLayer}. */
    public static Gru of(int units) {
        return new Gru(units);
    }

    /**
     * Multiplies the reset gate with h before the recurrent product: {@code n = tanh(Wx x + b + Wh (r*h'))}, as Cho et al. 2014,
     * Keras with {@code reset_after=False} and ONNX with {@code linear_before_reset=0}. The bias holds r, z, n then.
     */
    public Gru resetBefore() {
        return options(cellOptions().withResetBefore(true));
    }

    /** The function of r and z, in all directions; Keras' {@code recurrent_activation}. */
    public Gru recurrentActivation(GateActivation function) {
        return gateActivation(function);
    }

    /** The function of n, in all directions; Keras' {@code activation}. */
    public Gru activation(GateActivation function) {
        return stateActivation(function);
    }

    static Gru described(Options options) {
        return of(options.integer("units")).configure(options);
    }

    @Override
    public GruCell cell() {
        return new GruCell(name(), core());
    }

    @Override
    Cell cellKind() {
        return Cell.GRU;
    }

    @Override
    Gru self() {
        return this;
    }
}
