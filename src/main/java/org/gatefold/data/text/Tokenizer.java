package org.gatefold.data.text;

import java.text.BreakIterator;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Cuts texts into tokens, and makes texts of them. Immutable and thread-safe. */
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

        @Override
        public String text(List<String> tokens) {
            StringBuilder text = new StringBuilder();
            boolean open = true;
            for (String token : tokens) {
                text.append(open || CLOSING.contains(token) ? "" : " ").append(token);
                open = OPENING.contains(token);
            }
            return text.toString();
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

        @Override
        public String text(List<String> tokens) {
            return String.join(" ", tokens);
        }
    },

    /** Every character, spaces too; one outside of the basic plane is one. */
    CHARACTERS {
        @Override
        List<String> split(String text) {
            return text.codePoints().mapToObj(Character::toString).toList();
        }
    },

    /**
     * Words, numbers, and runs of other marks or of blanks, as they are written, each with the blank before it: together they are the
     * text. {@link Subwords} cut them further, or leave them whole. One longer than 32 characters is several.
     */
    SUBWORDS {
        @Override
        List<String> split(String text) {
            return PIECES.matcher(text).results().map(MatchResult::group).toList();
        }
    };

    private static final Set<String> OPENING = Set.of("(", "[", "{", "\u201e", "\u00ab", "\u00bf", "\u00a1");
    private static final Set<String> CLOSING =
            Set.of(".", ",", ";", ":", "!", "?", "%", ")", "]", "}", "\u2026", "\u201c", "\u201d", "\u00bb");
    private static final Pattern PIECES = Pattern.compile(
            " ?[\\p{L}\\p{M}]{1,32}(?:['\u2019][\\p{L}\\p{M}]{1,32})?"
                    + "| ?\\p{N}{1,32}| ?[^\\s\\p{L}\\p{M}\\p{N}]{1,32}|\\s{1,32}(?!\\S)|\\s{1,32}",
            Pattern.UNICODE_CHARACTER_CLASS);

    /** The tokens of a text, in Unicode's composed form (NFC): an accented letter is one however it was typed. */
    public List<String> tokens(String text) {
        return split(Normalizer.normalize(text, Normalizer.Form.NFC));
    }

    abstract List<String> split(String text);

    /**
     * Tokens as a text: together as they are; {@link #SPACES} with a blank between; {@link #WORDS} with a blank between, but for marks that
     * stand close to a word.
     */
    public String text(List<String> tokens) {
        return String.join("", tokens);
    }

    /** The name in lower case, as options and files spell it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
