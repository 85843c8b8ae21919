package org.gatefold.layer;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Makes layers from their descriptions: those of Gatefold, those registered, and others by the name of their class.
 *
 * <p>A layer of a program's own needs nothing to be trained. To be loaded from a model file, its class has a public method
 * {@code static MyLayer described(Options options)}, or its type is registered. Thread-safe.
 */
public final class Layers {
    private static final String MAKER = "described";

    private static final Map<String, Function<Options, ? extends Layer>> TYPES = new TreeMap<>();

    static {
        for (LayerFamily family : ServiceLoader.load(LayerFamily.class, Layers.class.getClassLoader())) {
            family.types().forEach(Layers::register);
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
        synchronized (TYPES) {
            if (TYPES.putIfAbsent(type, maker) != null) {
                throw new IllegalArgumentException("layer type: '" + type + "' is registered already");
            }
        }
    }

    /**
     * A new layer, not built yet, as described.
     *
     * @throws IllegalArgumentException if the type is unknown or an option is missing or wrong
     */
    public static Layer of(LayerDescription description) {
        return of(description.type(), description.options()).named(description.name());
    }

    /** A new layer of a type, as its options describe it, without a name. */
    public static Layer of(String type, Map<String, ?> options) {
        Function<Options, ? extends Layer> maker;
        synchronized (TYPES) {
            maker = TYPES.get(type);
        }
        Options described = new Options(type, options);
        return maker == null ? ofClass(type, described) : maker.apply(described);
    }

    /** A layer by the name of its class; nothing of the class runs before it is seen to be a layer. */
    private static Layer ofClass(String type, Options options) {
        try {
            Class<?> found = Class.forName(type, false, loader());
            if (!Layer.class.isAssignableFrom(found)) {
                throw new IllegalArgumentException(
                        "layer type: expected a class that extends " + Layer.class.getName() + ", got " + type);
            }
            Method maker = found.getMethod(MAKER, Options.class);
            if (!Modifier.isStatic(maker.getModifiers()) || !Layer.class.isAssignableFrom(maker.getReturnType())) {
                throw new NoSuchMethodException(MAKER);
            }
            return (Layer) maker.invoke(null, options);
        } catch (ClassNotFoundException e) {
            synchronized (TYPES) {
                throw new IllegalArgumentException(
                        "layer type: expected one of " + TYPES.keySet() + " or the name of a class, got '" + type + "'",
                        e);
            }
        } catch (NoSuchMethodException | IllegalAccessException e) {
            throw new IllegalArgumentException(
                    "layer type: class " + type + " has no public static method " + MAKER
                            + "(Options) that gives the layer; add one, or call Layers.register",
                    e);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalArgumentException("layer type: " + type + "." + MAKER + " fails: " + e.getCause(), e);
        }
    }

    private static ClassLoader loader() {
        ClassLoader ofThread = Thread.currentThread().getContextClassLoader();
        return ofThread == null ? Layers.class.getClassLoader() : ofThread;
    }
}
