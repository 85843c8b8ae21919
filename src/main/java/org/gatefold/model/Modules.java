package org.gatefold.model;

import java.util.function.Function;
import org.gatefold.layer.Options;
import org.gatefold.layer.Registry;

/**
 * Makes modules from their descriptions: those whose type was registered, and others by the name of their class, which then
 * has a public method {@code static MyModule described(Options options)}. Thread-safe.
 */
public final class Modules {
    private static final Registry<Module> TYPES = new Registry<>("module", Module.class);

    private Modules() {}

    /**
     * Lets descriptions of a type be made into modules.
     *
     * @param type what {@link Module#type()} of these modules gives
     * @param maker makes a module from what its {@link Module#options()} gave
     * @throws IllegalArgumentException if the type is registered already
     */
    public static void register(String type, Function<Options, ? extends Module> maker) {
        TYPES.register(type, maker);
    }

    /**
     * A new module as described.
     *
     * @throws IllegalArgumentException if the type is unknown or an option is missing or wrong
     */
    static Module of(ModuleDescription description) {
        return TYPES.make(description.type(), description.options());
    }
}
