package org.gatefold.layer.recurrent;

/** One step of a {@link Gru}: {@code h = (1-z)*n + z*h'}; state h. Made by {@link Gru#cell()}. */
public final class GruCell extends RecurrentCell {
    GruCell(String name, Recurrent core) {
        super(name, core);
    }
}
