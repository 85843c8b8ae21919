package org.gatefold.decode;

/**
 * How likely a label is behind others, for instance a language model of letters or words. Asked by one search at a time, once
 * for every sequence of labels that the search looks at.
 */
@FunctionalInterface
public interface LabelModel {
    /**
     * The natural logarithm of the probability of a label.
     *
     * @param before the labels before it, which may be kept
     * @param label the next one
     */
    double logProbability(int[] before, int label);

    /**
     * The natural logarithm of the probability that nothing follows; 0 by default. {@link Double#NEGATIVE_INFINITY} refuses labels that do
     * not end so.
     *
     * @param labels all of them
     */
    default double endLogProbability(int[] labels) {
        return 0;
    }
}
