package org.gatefold.recipe.option;

import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** The options of recipes whose rows are files: what their names tell. Stateless. */
public final class NameOptions {
    public static final Option<String> LABEL_PATTERN = Option.text(
                    "label-pattern",
                    "REGEX",
                    "The class in the path of a file, its first group; by default the first folder is the class.")
            .expecting("a regular expression", NameOptions::isPattern);
    public static final Option<String> TEST_PATTERN = Option.text(
                    "test-pattern", "REGEX", "What is in the paths of files to test on; all others are trained on.")
            .expecting("a regular expression", NameOptions::isPattern);

    private NameOptions() {}

    private static boolean isPattern(String text) {
        try {
            return !Pattern.compile(text).pattern().isEmpty();
        } catch (PatternSyntaxException e) {
            return false;
        }
    }

    /** Where the class is; null for the first folder. */
    public static Pattern labels(Options options) {
        return options.find(LABEL_PATTERN).map(Pattern::compile).orElse(null);
    }

    /** Which files are tested on; null for those that other options say. */
    public static Predicate<String> tested(Options options) {
        return options.find(TEST_PATTERN)
                .map(Pattern::compile)
                .map(Pattern::asPredicate)
                .orElse(null);
    }
}
