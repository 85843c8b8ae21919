package org.gatefold.exchange.keras;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The version of Keras that wrote a file. Immutable. */
record KerasVersion(int major, int minor) {
    private static final Pattern NUMBERS = Pattern.compile("(\\d{1,4})(?:\\.(\\d{1,4}))?.*", Pattern.DOTALL);

    /** @param text such as {@code "2.15.0-tf"}; taken for Keras 2 if it says nothing */
    static KerasVersion of(String text) {
        Matcher numbers = NUMBERS.matcher(text);
        if (!numbers.matches()) {
            return new KerasVersion(2, 0);
        }
        String minor = numbers.group(2);
        return new KerasVersion(Integer.parseInt(numbers.group(1)), minor == null ? 0 : Integer.parseInt(minor));
    }

    /** Whether it is Keras 3, whose hard sigmoid and defaults are others. */
    boolean is3() {
        return major >= 3;
    }

    /** Whether sequences that a recurrent layer gives have no mask, as since 3.16. */
    boolean losesMasks() {
        return major > 3 || (major == 3 && minor >= 16);
    }
}
