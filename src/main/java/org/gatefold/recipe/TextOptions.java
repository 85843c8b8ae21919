package org.gatefold.recipe;

import org.gatefold.data.text.Tokenizer;
import org.gatefold.recipe.field.Text;

/** The options of recipes that read texts as ids of a vocabulary. Stateless. */
public final class TextOptions {
    public static final Option<Tokenizer> TOKENS = Option.choice(
                    "tokens",
                    "KIND",
                    Tokenizer.class,
                    "What a text is cut into: words, spaces, characters or subwords.")
            .or(Tokenizer.WORDS);
    public static final Option<Integer> VOCABULARY = Option.integer(
                    "vocabulary",
                    "N",
                    "Most tokens that are known, the most frequent ones of the rows to train on; by default 8000 subwords.")
            .expecting("at least 2", value -> value >= 2)
            .or(30_000);
    public static final Option<Integer> MIN_COUNT = Option.integer(
                    "min-count", "N", "How often a token must be in the rows to train on to be known.")
            .expecting("at least 1", value -> value >= 1)
            .or(2);

    private static final int SUBWORDS = 8000;

    private TextOptions() {}

    /** Chooses how many tokens are known where that was not said. */
    public static Options complete(Options options) {
        return options.get(TOKENS) == Tokenizer.SUBWORDS ? options.with(VOCABULARY, SUBWORDS) : options;
    }

    /** A column of texts, cut and known as these options say. */
    public static Text column(String name, Options options) {
        return Text.column(name, options.get(TOKENS), options.get(VOCABULARY), options.get(MIN_COUNT));
    }
}
