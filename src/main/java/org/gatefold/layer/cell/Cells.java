package org.gatefold.layer.cell;

import java.util.function.Function;
import org.gatefold.layer.Options;
import org.gatefold.layer.Registry;

/**
 * Makes cells from their descriptions: those of Gatefold, those registered, and others by the name of their class, which then has a
 * public method {@code static … described(Options options)}. Thread-safe.
 */
public final class Cells {
    private static final Registry<CellFunction> TYPES = new Registry<>("cell", CellFunction.class);

    static {
        register("IndRnn", IndRnn::described);
        register("Sru", Sru::described);
        register("Slstm", Slstm::described);
        register("LayerNormLstm", LayerNormLstm::described);
        register("LayerNormGru", LayerNormGru::described);
        register("BatchNormLstm", BatchNormLstm::described);
    }

    private Cells() {}

    /**
     * Lets descriptions of a type be made into cells.
     *
     * @param type what {@link CellFunction#type()} of these cells gives
     * @param maker makes a cell from what its {@link CellFunction#options()} gave
     * @throws IllegalArgumentException if the type is registered already
     */
    public static void register(String type, Function<Options, ? extends CellFunction> maker) {
        TYPES.register(type, maker);
    }

    /** A new cell as described by the type and options of a layer's option. */
    static CellFunction described(Options option) {
        return TYPES.make(option.text("type"), option.map("options").asMap());
    }
}
