package org.gatefold.cli.output;

import java.util.Locale;

/** How numbers are shown to people. Stateless. */
final class Numbers {
    private Numbers() {}

    /** With about four digits. */
    static String shown(double value) {
        double size = Math.abs(value);
        int digits = size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4;
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }
}
