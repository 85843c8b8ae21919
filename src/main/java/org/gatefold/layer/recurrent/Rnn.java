package org.gatefold.layer.recurrent;

import java.util.Map;
import org.gatefold.layer.Options;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.GateActivation;

/**
 * Plain recurrent layers (Elman 1990): {@code h = tanh(Wx x + Wh h' + b)}, or with a rectifier instead of tanh.
 *
 * <p>Options, forms and parameters: {@link RecurrentLayer}.
 */
public final class Rnn extends RecurrentLayer<Rnn> {
    private boolean rectifier;

    private Rnn(int units) {
        super(units);
    }

    /** A layer of so many units, with the defaults of {@link RecurrentLayer}. */
    public static Rnn of(int units) {
        return new Rnn(units);
    }

    static Rnn described(Options options) {
        Rnn rnn = of(options.integer("units")).configure(options);
        return options.flag("relu") ? rnn.relu() : rnn;
    }

    /** Takes {@code max(0, x)} in place of tanh. */
    public Rnn relu() {
        requireNotBuilt();
        rectifier = true;
        return this;
    }

    /** Takes another function in place of tanh, in all directions; Keras' {@code activation}. */
    public Rnn activation(GateActivation function) {
        return stateActivation(function);
    }

    @Override
    public RnnCell cell() {
        return new RnnCell(name(), core());
    }

    @Override
    protected Map<String, Object> options() {
        Map<String, Object> options = super.options();
        options.put("relu", rectifier);
        return options;
    }

    @Override
    Cell cellKind() {
        return rectifier ? Cell.RNN_RELU : Cell.RNN_TANH;
    }

    @Override
    Rnn self() {
        return this;
    }
}
