package org.gatefold.recipe.option;

import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;

/**
 * One choice that a run leaves open: its name, the kind of its values, which of them are allowed, and the words for it.
 * Immutable and thread-safe; an option is known by its name.
 *
 * @param <V> kind of the values
 */
public final class Option<V> {
    private static final String SEPARATOR = ",";

    private final String name;
    private final String label;
    private final String description;
    private final Class<V> type;
    private final V fallback;
    private final V formerly;
    private final String expected;
    private final Predicate<V> allowed;

    private Option(
            String name,
            String label,
            String description,
            Class<V> type,
            V fallback,
            V formerly,
            String expected,
            Predicate<V> allowed) {
        this.name = name;
        this.label = label;
        this.description = description;
        this.type = type;
        this.fallback = fallback;
        this.formerly = formerly;
        this.expected = expected;
        this.allowed = allowed;
    }

    private static <V> Option<V> of(String name, String label, String description, Class<V> type, V fallback) {
        return new Option<>(name, label, description, type, fallback, null, "", value -> true);
    }

    /** A whole number. */
    public static Option<Integer> integer(String name, String label, String description) {
        return of(name, label, description, Integer.class, null);
    }

    /** A whole number of 64 bits. */
    public static Option<Long> whole(String name, String label, String description) {
        return of(name, label, description, Long.class, null);
    }

    /** A number. */
    public static Option<Double> real(String name, String label, String description) {
        return of(name, label, description, Double.class, null);
    }

    /** A text. */
    public static Option<String> text(String name, String label, String description) {
        return of(name, label, description, String.class, null);
    }

    /** Several texts, separated by commas on the command line; none by default. */
    public static Option<String[]> texts(String name, String label, String description) {
        return of(name, label, description, String[].class, new String[0]);
    }

    /** True if it is given, false by default. */
    public static Option<Boolean> flag(String name, String description) {
        return of(name, "", description, Boolean.class, false);
    }

    /** One of a few constants. */
    public static <E extends Enum<E>> Option<E> choice(String name, String label, Class<E> type, String description) {
        return of(name, label, description, type, null);
    }

    /** The value where none is given; there need not be one. */
    public Option<V> or(V value) {
        return new Option<>(name, label, description, type, value, formerly, expected, allowed);
    }

    /** The value that a file stands for that was written before there was this option; without, such a file is damaged. */
    public Option<V> formerly(V value) {
        return new Option<>(name, label, description, type, fallback, value, expected, allowed);
    }

    /** The value where none is given, and that of a file that was written before there was this option. */
    public Option<V> orAlways(V value) {
        return or(value).formerly(value);
    }

    /** Numbers from so many on are allowed. */
    public Option<V> atLeast(int least) {
        return expecting("at least " + least, value -> ((Number) value).doubleValue() >= least);
    }

    /** Numbers from 0 to below 1 are allowed. */
    public Option<V> share() {
        return expecting("0 to below 1", value -> {
            double share = ((Number) value).doubleValue();
            return share >= 0 && share < 1;
        });
    }

    /**
     * Which values are allowed.
     *
     * @param words for instance {@code "at least 1"}
     */
    public Option<V> expecting(String words, Predicate<V> condition) {
        return new Option<>(name, label, description, type, fallback, formerly, words, condition);
    }

    /** The name without the dashes of the command line. */
    public String name() {
        return name;
    }

    /** What stands for a value in help texts, for instance {@code "N"}; empty if the option is a flag. */
    public String label() {
        return label;
    }

    /** What it does, for help texts. */
    public String description() {
        return description;
    }

    public Class<V> type() {
        return type;
    }

    /** The value where none is given; null if there is none. */
    public V fallback() {
        return fallback;
    }

    /**
     * A value of this option's type that is allowed.
     *
     * @throws IllegalArgumentException if it is of another type
     * @throws UsageException if it is not allowed
     */
    V require(Object value) {
        if (!type.isInstance(value)) {
            throw new IllegalArgumentException(this + ": expected a value of type " + type.getSimpleName() + ", got "
                    + (value == null
                            ? "null"
                            : value + " of type " + value.getClass().getSimpleName()));
        }
        V typed = type.cast(value);
        if (!allowed.test(typed)) {
            throw wrong(expected, shown(typed));
        }
        return typed;
    }

    private UsageException wrong(String words, String actual) {
        return new UsageException(this + ": expected " + words + ", got " + actual);
    }

    /**
     * The value that a text on the command line stands for.
     *
     * @throws UsageException if it stands for none, or for one that is not allowed
     */
    V parse(String text) {
        return require(value(text));
    }

    private Object value(String text) {
        try {
            if (type == Integer.class) {
                return Integer.valueOf(text);
            }
            if (type == Long.class) {
                return Long.valueOf(text);
            }
            if (type == Double.class) {
                return Double.valueOf(text);
            }
        } catch (NumberFormatException e) {
            String kind = type == Double.class
                    ? "a number"
                    : "a whole number of " + (type == Integer.class ? Integer.SIZE : Long.SIZE) + " bits";
            throw wrong(kind, "'" + text + "'");
        }
        if (type == Boolean.class) {
            return Boolean.valueOf(text);
        }
        if (type == String[].class) {
            return Arrays.stream(text.split(SEPARATOR, -1)).map(String::strip).toArray(String[]::new);
        }
        return type == String.class ? text : constant(text);
    }

    private V constant(String text) {
        return Arrays.stream(type.getEnumConstants())
                .filter(constant -> shown(constant).equalsIgnoreCase(text))
                .findFirst()
                .orElseThrow(() -> wrong("one of " + constants(), "'" + text + "'"));
    }

    /** The constants of an enum, as they are given on the command line. */
    private String constants() {
        return Arrays.stream(type.getEnumConstants()).map(Option::shown).collect(Collectors.joining(", "));
    }

    /** A value as JSON. */
    JsonElement json(V value) {
        return Json.tree(value);
    }

    /**
     * The value that a field of this name holds; null if there is none and there need not be one.
     *
     * @throws org.gatefold.file.FileException naming file and field if it is of another kind or not allowed
     */
    V read(JsonFields fields) {
        if ((fallback == null || formerly != null) && !fields.has(name)) {
            return formerly;
        }
        V value = type.cast(value(fields));
        if (!allowed.test(value)) {
            throw fields.wrong(name, "expected " + expected + ", got " + shown(value), null);
        }
        return value;
    }

    private Object value(JsonFields fields) {
        if (type == Integer.class) {
            return fields.integer(name, Integer.MIN_VALUE, Integer.MAX_VALUE);
        }
        if (type == Long.class) {
            return fields.whole(name, Long.MIN_VALUE, Long.MAX_VALUE);
        }
        if (type == Double.class) {
            return fields.number(name, -Double.MAX_VALUE);
        }
        if (type == Boolean.class) {
            return fields.flag(name);
        }
        if (type == String[].class) {
            // A text stands for itself alone: some lists were one text in files that were written before.
            boolean one = fields.tree().get(name) instanceof JsonPrimitive single && single.isString();
            return one
                    ? new String[] {fields.text(name)}
                    : fields.textList(name).toArray(String[]::new);
        }
        String text = fields.text(name);
        if (type == String.class) {
            return text;
        }
        return Arrays.stream(type.getEnumConstants())
                .filter(constant -> constant.toString().equals(text))
                .findFirst()
                .orElseThrow(() -> fields.wrong(
                        name, "expected one of " + List.of(type.getEnumConstants()) + ", got " + text, null));
    }

    /** A value as it is given on the command line. */
    public static String shown(Object value) {
        if (value instanceof String[] texts) {
            return String.join(SEPARATOR, texts);
        }
        return value instanceof Enum<?> constant
                ? constant.name().toLowerCase(Locale.ROOT).replace('_', '-')
                : String.valueOf(value);
    }

    @Override
    public String toString() {
        return "--" + name;
    }
}
