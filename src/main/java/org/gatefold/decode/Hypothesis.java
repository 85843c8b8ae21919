package org.gatefold.decode;

import java.util.Arrays;

/** A sequence that was found, and how likely it is. Immutable. */
public final class Hypothesis {
    private final int[] tokens;
    private final boolean ended;
    private final double logProbability;
    private final double score;

    /**
     * @param tokens without the symbols that begin and end it
     * @param ended whether the symbol that ends it was found
     * @param logProbability the sum over all tokens, that of the end among them
     * @param score by which it stands in order
     */
    public Hypothesis(int[] tokens, boolean ended, double logProbability, double score) {
        this.tokens = tokens.clone();
        this.ended = ended;
        this.logProbability = logProbability;
        this.score = score;
    }

    /** The tokens, without the symbols that begin and end it; a new array. */
    public int[] tokens() {
        return tokens.clone();
    }

    /** Whether it came to its end, and was not cut at the greatest length. */
    public boolean isEnded() {
        return ended;
    }

    /** The natural logarithm of its probability, that of its end included. */
    public double logProbability() {
        return logProbability;
    }

    /** The logarithm after normalisation by length; hypotheses stand in the order of this. */
    public double score() {
        return score;
    }

    @Override
    public String toString() {
        return Arrays.toString(tokens) + (ended ? "" : "...") + " " + score;
    }
}
