package org.gatefold.data.text;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Cuts texts into words as BERT does before it cuts words into pieces (Devlin et al. 2019, {@code BasicTokenizer}): control characters are
 * left out, blanks, punctuation marks and Chinese characters part words, and uncased models read lower case without accents.
 *
 * @param clean leaves control characters out
 * @param chinese makes each Chinese character a word
 * @param stripAccents reads letters without their marks
 * @param lowerCase reads letters in lower case
 */
record BertWords(boolean clean, boolean chinese, boolean stripAccents, boolean lowerCase) {
    /**
     * A word as it is read.
     *
     * @param text after case and accents were taken off
     * @param starts for each of its chars where in the text that what it comes from begins
     * @param ends where that ends
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Word(String text, int[] starts, int[] ends) {}

    /** The words of the part of a text from {@code from} to before {@code to}; places count from the beginning of the text. */
    List<Word> split(String text, int from, int to) {
        Collector words = new Collector();
        int width;
        for (int at = from; at < to; at += width) {
            int character = text.codePointAt(at);
            width = Character.charCount(character);
            if (clean && (character == 0 || character == 0xFFFD || isControl(character))) {
                continue;
            }
            boolean alone = chinese && isChinese(character);
            if (alone) {
                words.end();
            }
            int end = at + width;
            int start = at;
            read(character).codePoints().forEach(each -> words.add(each, start, end));
            if (alone) {
                words.end();
            }
        }
        words.end();
        return words.found;
    }

    /** A character as it is read; each is read by itself, whatever stands beside it. */
    private String read(int character) {
        String read = Character.toString(character);
        if (stripAccents) {
            StringBuilder bare = new StringBuilder();
            Normalizer.normalize(read, Normalizer.Form.NFD)
                    .codePoints()
                    .filter(each -> Character.getType(each) != Character.NON_SPACING_MARK)
                    .forEach(bare::appendCodePoint);
            read = bare.toString();
        }
        if (lowerCase) {
            StringBuilder lower = new StringBuilder();
            read.codePoints()
                    .forEach(each -> lower.append(Character.toString(each).toLowerCase(Locale.ROOT)));
            read = lower.toString();
        }
        return read;
    }

    /** One thread. */
    private static final class Collector {
        private final List<Word> found = new ArrayList<>();
        private final StringBuilder word = new StringBuilder();
        private int[] starts = new int[16];
        private int[] ends = new int[16];

        void add(int character, int start, int end) {
            if (isBlank(character)) {
                end();
                return;
            }
            boolean alone = isPunctuation(character);
            if (alone) {
                end();
            }
            int from = word.length();
            word.appendCodePoint(character);
            if (word.length() > starts.length) {
                starts = Arrays.copyOf(starts, 2 * starts.length);
                ends = Arrays.copyOf(ends, 2 * ends.length);
            }
            Arrays.fill(starts, from, word.length(), start);
            Arrays.fill(ends, from, word.length(), end);
            if (alone) {
                end();
            }
        }

        void end() {
            int length = word.length();
            if (length > 0) {
                found.add(new Word(word.toString(), Arrays.copyOf(starts, length), Arrays.copyOf(ends, length)));
                word.setLength(0);
            }
        }
    }

    /** Whether a character has the property White_Space of Unicode. */
    static boolean isBlank(int character) {
        return Character.isSpaceChar(character) || (character >= '\t' && character <= '\r') || character == 0x85;
    }

    /** Whether BERT leaves a character out: control, format and private ones; tabs and line ends are blanks. */
    static boolean isControl(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL -> character != '\t' && character != '\n' && character != '\r';
            case Character.FORMAT, Character.PRIVATE_USE, Character.SURROGATE -> true;
            default -> false;
        };
    }

    /** Whether BERT takes a character for a punctuation mark: all signs of ASCII, and what Unicode says is one. */
    static boolean isPunctuation(int character) {
        if (character < 0x80) {
            return character > ' ' && character < 0x7F && !Character.isLetterOrDigit(character);
        }
        return switch (Character.getType(character)) {
            case Character.CONNECTOR_PUNCTUATION,
                    Character.DASH_PUNCTUATION,
                    Character.START_PUNCTUATION,
                    Character.END_PUNCTUATION,
                    Character.INITIAL_QUOTE_PUNCTUATION,
                    Character.FINAL_QUOTE_PUNCTUATION,
                    Character.OTHER_PUNCTUATION -> true;
            default -> false;
        };
    }

    /** The blocks of unified and of compatible ideographs, as BERT lists them; syllables of Korean and Japanese are none. */
    static boolean isChinese(int character) {
        return (character >= 0x4E00 && character <= 0x9FFF)
                || (character >= 0x3400 && character <= 0x4DBF)
                || (character >= 0x20000 && character <= 0x2A6DF)
                || (character >= 0x2A700 && character <= 0x2B73F)
                || (character >= 0x2B740 && character <= 0x2B81F)
                || (character >= 0x2B820 && character <= 0x2CEAF)
                || (character >= 0xF900 && character <= 0xFAFF)
                || (character >= 0x2F800 && character <= 0x2FA1F);
    }
}
