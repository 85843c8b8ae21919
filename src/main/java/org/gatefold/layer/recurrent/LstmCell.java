package org.gatefold.layer.recurrent;

/** One step of an {@link Lstm}: {@code c = f*c' + i*g}, {@code h = o*tanh(c)}; states h and c. Made by {@link Lstm#cell()}. */
public final class LstmCell extends RecurrentCell {
    LstmCell(String name, Recurrent core) {
        super(name, core);
    }
}
