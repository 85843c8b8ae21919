package org.gatefold.data.table;

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
}
