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
}
