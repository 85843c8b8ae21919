package org.gatefold.layer;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.gatefold.op.elementwise.Activation;

/**
 * Reads the options of a {@link LayerDescription}, whose numbers may have become doubles on their way through JSON, and
 * says clearly which option is missing or wrong. Not thread-safe.
 */
public final class Options {
    private final String layer;
    private final Map<String, Object> values;

    Options(String layer, Map<String, ?> values) {
        this.layer = layer;
        this.values = new LinkedHashMap<>(values);
    }

    /** True if the option is given; descriptions of earlier releases lack what came later. */
    public boolean has(String option) {
        return values.get(option) != null;
    }

    /** An option that is a whole number. */
    public int integer(String option) {
        double value = number(option);
        if (value != Math.rint(value) || Math.abs(value) > Integer.MAX_VALUE) {
            throw wrong(option, "an integer", value);
        }
        return (int) value;
    }

    /** An option that is a number. */
    public float real(String option) {
        return (float) number(option);
    }

    /** An option that is true or false. */
    public boolean flag(String option) {
        Object value = required(option);
        if (value instanceof Boolean flag) {
            return flag;
        }
        throw wrong(option, "true or false", value);
    }

    /** An option that is a string. */
    public String text(String option) {
        Object value = required(option);
        if (value instanceof String text) {
            return text;
        }
        throw wrong(option, "a string", value);
    }

    /** An option that is the name of a constant, in letters of any size. */
    public <E extends Enum<E>> E constant(String option, Class<E> type) {
        String text = text(option);
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equalsIgnoreCase(text)) {
                return constant;
            }
        }
        throw wrong(option, "one of " + Arrays.toString(type.getEnumConstants()), text);
    }

    /**
     * An activation, whose numbers are the options {@code alpha} and {@code beta}; the usual ones where they are missing.
     *
     * @param option that names the function
     */
    public Activation activation(String option) {
        Activation usual = Activation.of(constant(option, Activation.Kind.class));
        return new Activation(
                usual.kind(), has("alpha") ? real("alpha") : usual.alpha(), has("beta") ? real("beta") : usual.beta());
    }

    /** An option that is an initializer as {@link Initializer#parse} reads it. */
    public Initializer initializer(String option) {
        return Initializer.parse(text(option));
    }

    /** An option that holds options itself. */
    public Options map(String option) {
        Object value = required(option);
        if (!(value instanceof Map<?, ?> map)) {
            throw wrong(option, "a map", value);
        }
        Map<String, Object> named = new LinkedHashMap<>();
        map.forEach((key, entry) -> named.put(String.valueOf(key), entry));
        return new Options(layer + "." + option, named);
    }

    /** All options by name. */
    public Map<String, Object> asMap() {
        return values;
    }

    /**
     * What a layer's {@link Layer#options()} gives, in the order given: a name and its value, a name and its value. The map is new, and may
     * be added to.
     */
    public static Map<String, Object> written(Object... namesAndValues) {
        Map<String, Object> written = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            written.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return written;
    }

    /** A constant as {@link #constant} reads it. */
    public static String text(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private double number(String option) {
        Object value = required(option);
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        throw wrong(option, "a number", value);
    }

    private Object required(String option) {
        Object value = values.get(option);
        if (value == null) {
            throw new IllegalArgumentException(
                    layer + "." + option + ": is missing; the description has " + values.keySet());
        }
        return value;
    }

    private IllegalArgumentException wrong(String option, String expected, Object actual) {
        return new IllegalArgumentException(layer + "." + option + ": expected " + expected + ", got " + actual);
    }
}
