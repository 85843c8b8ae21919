package org.gatefold.recipe.field;

import java.util.List;

/** What an answer says, as programs take it. Immutable as long as nobody writes arrays. */
public sealed interface Answer {
    /** What answers of a target say. */
    enum Kind {
        LABEL,
        TAGS,
        TEXT,
        LIKELIHOOD
    }

    /**
     * A class.
     *
     * @param name of the most probable one, the first of equals
     * @param probabilities of all, in the order of the classes
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Label(String name, double[] probabilities) implements Answer {}

    /** A tag for each word of a text. */
    record Tags(List<String> tags) implements Answer {}

    /** A text of its own. */
    record Text(String text) implements Answer {}

    /**
     * How likely a text is.
     *
     * @param nats the negative natural logarithm of its probability, its end among it
     * @param tokens that it has, its end among them
     */
    record Likelihood(double nats, int tokens) implements Answer {
        /** The inverse of the geometric mean of the tokens' probabilities. */
        public double perplexity() {
            return Math.exp(nats / tokens);
        }
    }
}
