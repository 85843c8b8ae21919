package org.gatefold.recipe;

/** The options of recipes that read texts as ids of a vocabulary. Stateless. */
public final class TextOptions {
    public static final Option<Integer> VOCABULARY = Option.integer(
                    "vocabulary", "N", "Most tokens that are known, the most frequent ones of the rows to train on.")
            .expecting("at least 2", value -> value >= 2)
            .or(30_000);
    public static final Option<Integer> MIN_COUNT = Option.integer(
                    "min-count", "N", "How often a token must be in the rows to train on to be known.")
            .expecting("at least 1", value -> value >= 1)
            .or(2);

    private TextOptions() {}
}
