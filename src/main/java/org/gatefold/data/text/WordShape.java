package org.gatefold.data.text;

/**
 * How a word is written, whatever its letters are: {@code Xx} for Rome, {@code XX} for USA, {@code xXx} for iPhone, {@code dx} for 2nd,
 * {@code #x} for a hashtag. Stateless.
 */
public final class WordShape {
    private static final int UPPER = 'X';
    private static final int LOWER = 'x';
    private static final int DIGIT = 'd';

    private WordShape() {}

    /**
     * Capitals as {@code X}, other letters as {@code x}, digits as {@code d}, and what is none of these as it is. Of equal ones that follow
     * each other one is left, of capitals two.
     */
    public static String of(String text) {
        StringBuilder shape = new StringBuilder();
        int before = 0;
        int run = 0;
        for (int character : text.codePoints().toArray()) {
            int kind = kind(character);
            run = kind == before ? run + 1 : 1;
            before = kind;
            if (run == 1 || (run == 2 && kind == UPPER)) {
                shape.appendCodePoint(kind);
            }
        }
        return shape.toString();
    }

    private static int kind(int character) {
        if (Character.isUpperCase(character) || Character.isTitleCase(character)) {
            return UPPER;
        }
        if (Character.isLetter(character)) {
            return LOWER;
        }
        return Character.isDigit(character) ? DIGIT : character;
    }
}
