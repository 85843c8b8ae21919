package org.gatefold.layer.recurrent;

/** One step of an {@link Rnn}: {@code h = tanh(Wx x + Wh h' + b)}, or with a rectifier; state h. Made by {@link Rnn#cell()}. */
public final class RnnCell extends RecurrentCell {
    RnnCell(String name, Recurrent core) {
        super(name, core);
    }
}
