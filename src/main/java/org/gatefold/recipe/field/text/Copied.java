package org.gatefold.recipe.field.text;

/**
 * A part of a source text in place of a token, as a number below 0, so that it stands among the ids of an answer. Immutable.
 *
 * @param from its first character
 * @param length its characters, below 2^20
 */
record Copied(int from, int length) {
    private static final int LONGEST = 1 << 20;

    /** The part that a number stands for. */
    static Copied of(double number) {
        long whole = (long) -number - 1;
        return new Copied((int) (whole / LONGEST), (int) (whole % LONGEST));
    }

    /** All of a text. */
    static Copied all(String text) {
        return new Copied(0, Math.min(text.length(), LONGEST - 1));
    }

    double number() {
        return -1.0 - ((double) from * LONGEST + length);
    }

    String in(String text) {
        return text.substring(from, from + length);
    }
}
