package org.gatefold.decode;

import java.util.Arrays;

/** Labels that were found in the steps of a row, with their times. Immutable. */
public final class CtcHypothesis {
    private final int[] labels;
    private final int[] steps;
    private final double logProbability;
    private final double score;

    CtcHypothesis(int[] labels, int[] steps, double logProbability, double score) {
        this.labels = labels.clone();
        this.steps = steps.clone();
        this.logProbability = logProbability;
        this.score = score;
    }

    /** The labels in order; a new array. */
    public int[] labels() {
        return labels.clone();
    }

    /** The step of each label at which the likeliest path of these labels first says it; a new array. */
    public int[] steps() {
        return steps.clone();
    }

    /**
     * The natural logarithm of the probability: of the likeliest path from {@link CtcDecoder#greedy}, of all paths that the search
     * kept from {@link CtcDecoder#search}.
     */
    public double logProbability() {
        return logProbability;
    }

    /** The same with what a label model and bonuses add; hypotheses stand in the order of this. */
    public double score() {
        return score;
    }

    @Override
    public String toString() {
        return Arrays.toString(labels) + " " + score;
    }
}
