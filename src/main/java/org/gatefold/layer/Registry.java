package org.gatefold.layer;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Makes things from their descriptions: those whose type was registered, and others by the name of their class, which then
 * has a public method {@code static … described(Options options)}. Thread-safe.
 *
 * @param <T> what the things are
 */
public final class Registry<T> {
    private static final String MAKER = "described";

    private final String what;
    private final Class<T> kind;
    private final Map<String, Function<Options, ? extends T>> types = new TreeMap<>();

    /** @param what the things are called in messages */
    public Registry(String what, Class<T> kind) {
        this.what = what;
        this.kind = kind;
    }

    /**
     * Lets descriptions of a type be made into things.
     *
     * @throws IllegalArgumentException if the type is registered already
     */
    public synchronized void register(String type, Function<Options, ? extends T> maker) {
        if (types.putIfAbsent(type, maker) != null) {
            throw new IllegalArgumentException(what + " type: '" + type + "' is registered already");
        }
    }

    /**
     * A new thing as described.
     *
     * @throws IllegalArgumentException if the type is unknown or an option is missing or wrong
     */
    public T make(String type, Map<String, ?> options) {
        Function<Options, ? extends T> maker;
        synchronized (this) {
            maker = types.get(type);
        }
        Options described = new Options(type, options);
        return maker == null ? ofClass(type, described) : maker.apply(described);
    }

    /** By the name of its class; nothing of the class runs before it is seen to be of the kind. */
    private T ofClass(String type, Options options) {
        try {
            Class<?> found = Class.forName(type, false, loader());
            if (!kind.isAssignableFrom(found)) {
                throw new IllegalArgumentException(
                        what + " type: expected a class that extends " + kind.getName() + ", got " + type);
            }
            Method maker = found.getMethod(MAKER, Options.class);
            if (!Modifier.isStatic(maker.getModifiers()) || !kind.isAssignableFrom(maker.getReturnType())) {
                throw new NoSuchMethodException(MAKER);
            }
            return kind.cast(maker.invoke(null, options));
        } catch (ClassNotFoundException | LinkageError e) {
            synchronized (this) {
                throw new IllegalArgumentException(
                        what + " type: expected one of " + types.keySet() + " or the name of a class, got '" + type
                                + "'",
                        e);
            }
        } catch (NoSuchMethodException | IllegalAccessException e) {
            throw new IllegalArgumentException(
                    what + " type: class " + type + " has no public static method " + MAKER
                            + "(Options) that gives the " + what + "; add one, or register the type",
                    e);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalArgumentException(what + " type: " + type + "." + MAKER + " fails: " + e.getCause(), e);
        }
    }

    private static ClassLoader loader() {
        ClassLoader ofThread = Thread.currentThread().getContextClassLoader();
        return ofThread == null ? Registry.class.getClassLoader() : ofThread;
    }
}
