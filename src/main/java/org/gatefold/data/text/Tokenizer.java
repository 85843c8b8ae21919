package org.gatefold.data.text;

import java.text.BreakIterator;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Cuts texts into tokens. Immutable and thread-safe. */
public enum Tokenizer {
    /** Words, numbers and punctuation marks in lower case, by the rules of Unicode; "don't" is one word. */
    WORDS {
        @Override
        List<String> split(String text) {
            String lower = text.toLowerCase(Locale.ROOT);
            BreakIterator words = BreakIterator.getWordInstance(Locale.ROOT);
            words.setText(lower);
            List<String> tokens = new ArrayList<>();
            int from = words.first();
            for (int to = words.next(); to != BreakIterator.DONE; to = words.next()) {
                String token = lower.substring(from, to);
                if (!token.codePoints().allMatch(c -> Character.isWhitespace(c) || Character.isSpaceChar(c))) {
                    tokens.add(token);
                }
                from = to;
            }
            return tokens;
        }
    },

    /** What stands between spaces, as it is written: for texts that were cut into tokens before. */
    SPACES {
        @Override
        List<String> split(String text) {
            return Stream.of(text.split("\\s+"))
                    .filter(token -> !token.isEmpty())
                    .toList();
        }
    },

    /** Every character, spaces too; one outside of the basic plane is one. */
    CHARACTERS {
        @Override
        List<String> split(String text) {
            return text.codePoints().mapToObj(Character::toString).toList();
        }
    };

    /** The tokens of a text, in Unicode's composed form (NFC): an accented letter is one however it was typed. */
    public List<String> tokens(String text) {
        return split(Normalizer.normalize(text, Normalizer.Form.NFC));
    }

    abstract List<String> split(String text);

    /** The name in lower case, as options and files spell it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
