package org.gatefold.layer;

import java.util.HashSet;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.function.Function;

/**
 * Makes layers from their descriptions: those of Gatefold, those registered, and others by the name of their class.
 *
 * <p>A layer of a program's own needs nothing to be trained. To be loaded from a model file, its class has a public method
 * {@code static MyLayer described(Options options)}, or its type is registered. Thread-safe.
 */
public final class Layers {
    private static final Registry<Layer> TYPES = new Registry<>("layer", Layer.class);

    /** By the names of their classes: layers whose type is the last part of it. */
    private static final Set<String> OF_FAMILIES = new HashSet<>();

    static {
        for (LayerFamily family : ServiceLoader.load(LayerFamily.class, Layers.class.getClassLoader())) {
            family.types().forEach(TYPES::register);
            family.types()
                    .keySet()
                    .forEach(type -> OF_FAMILIES.add(family.getClass().getPackageName() + "." + type));
        }
    }

    private Layers() {}

    /**
     * Lets descriptions of a type be made into layers.
     *
     * @param type what {@link Layer#type()} of these layers gives
     * @param maker makes a layer from what its {@link Layer#options()} gave
     * @throws IllegalArgumentException if the type is registered already
     */
    public static void register(String type, Function<Options, ? extends Layer> maker) {
        TYPES.register(type, maker);
    }

    /**
     * A new layer, not built yet, as described.
     *
     * @throws IllegalArgumentException if the type is unknown or an option is missing or wrong
     */
    public static Layer of(LayerDescription description) {
        return of(description.type(), description.options()).named(description.name());
    }

    /** What {@link Layer#type()} is of layers of a class. */
    static String type(Class<? extends Layer> layer) {
        return OF_FAMILIES.contains(layer.getName()) ? layer.getSimpleName() : layer.getName();
    }

    /** A layer within another, as an option of that. */
    public static Map<String, Object> wrapping(Layer inner) {
        return Options.written("type", inner.type(), "options", inner.options());
    }

    /** The layer that {@link #wrapping} described, new and not built yet. */
    public static Layer wrapped(Options option) {
        return of(option.text("type"), option.map("options").asMap());
    }

    /** A new layer of a type, as its options describe it, without a name. */
    public static Layer of(String type, Map<String, ?> options) {
        return TYPES.make(type, options);
    }
}
