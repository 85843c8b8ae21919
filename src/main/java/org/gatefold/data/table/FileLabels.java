package org.gatefold.data.table;

import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the class is in the name of a file. Immutable and thread-safe.
 *
 * @param pattern its first group is the class, or all that it finds if it has none; null if the first folder is
 */
public record FileLabels(Pattern pattern) {
    /** By a pattern; null for the first folder. */
    public static FileLabels by(Pattern pattern) {
        return new FileLabels(pattern);
    }

    /**
     * The class.
     *
     * @param name from the folder that is read on, with {@code /} between folders
     * @return null for none
     */
    public String of(String name) {
        if (pattern == null) {
            int end = name.indexOf('/');
            return end < 0 ? null : name.substring(0, end);
        }
        Matcher found = pattern.matcher(name);
        if (!found.find()) {
            return null;
        }
        return found.groupCount() > 0 ? found.group(1) : found.group();
    }

    /**
     * Checks that either all rows have a class or none.
     *
     * @param label the class of a row; null for none
     * @param where a row stands, for messages
     * @throws IllegalArgumentException if only some have one
     */
    public static <R> void requireAllOrNone(List<R> rows, Function<R, String> label, Function<R, String> where) {
        List<R> without = rows.stream().filter(row -> label.apply(row) == null).toList();
        if (!without.isEmpty() && without.size() < rows.size()) {
            throw new IllegalArgumentException(where.apply(without.get(0))
                    + ": expected a class in its name or a folder of its class, as others have, got none");
        }
    }
}
