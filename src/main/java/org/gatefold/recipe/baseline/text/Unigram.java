package org.gatefold.recipe.baseline.text;

/**
 * The probability of a token whatever stands before it: its share of a text, with one added to every count, so that a token that is not
 * in the text has a probability too. Immutable and thread-safe.
 */
public final class Unigram {
    private final double[] probabilities;

    private Unigram(double... probabilities) {
        this.probabilities = probabilities;
    }

    /**
     * @param text tokens, 0 to {@code vocabulary - 1}
     * @param vocabulary how many tokens there are
     */
    public static Unigram fit(int[] text, int vocabulary) {
        double[] counts = new double[vocabulary];
        for (int token : text) {
            counts[token]++;
        }
        for (int token = 0; token < vocabulary; token++) {
            counts[token] = (counts[token] + 1) / ((double) text.length + vocabulary);
        }
        return new Unigram(counts);
    }

    /** The probability of a token. */
    public double probability(int token) {
        return probabilities[token];
    }
}
