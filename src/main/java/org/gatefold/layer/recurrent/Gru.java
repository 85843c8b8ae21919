package org.gatefold.layer.recurrent;

import org.gatefold.layer.Options;
import org.gatefold.op.recurrent.Cell;

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

    static Gru described(Options options) {
        return of(options.integer("units")).configure(options);
    }

    @Override
    public GruCell cell() {
        return new GruCell(name(), core());
    }

    @Override
    public String type() {
        return "Gru";
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
