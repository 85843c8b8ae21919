package org.gatefold.train.metric;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Measures of classes that were answered, from how often each was answered for each. A class that is neither there nor answered has
 * no measures, and is left out of means; one that is never answered has precision 0, one that is not there recall 0 (as scikit-learn's
 * {@code classification_report} with {@code zero_division=0}). Immutable as long as nobody writes the counts.
 */
public final class ClassScores {
    private final double[][] counts;

    private ClassScores(double[][] counts) {
        this.counts = counts;
    }

    /**
     * Measures of counts.
     *
     * @param counts {@code [label][answer]}, square, at least 0; they may be weighted
     */
    public static ClassScores of(double[][] counts) {
        return new ClassScores(counts);
    }

    /**
     * Measures of answers.
     *
     * @param classes how many there are
     * @param labels of rows, 0 to below {@code classes}
     * @param answers for the same rows
     */
    public static ClassScores of(int classes, int[] labels, int[] answers) {
        double[][] counts = new double[classes][classes];
        for (int row = 0; row < labels.length; row++) {
            counts[labels[row]][answers[row]]++;
        }
        return of(counts);
    }

    /** {@code [label][answer]}. */
    public double[][] counts() {
        return Arrays.stream(counts).map(double[]::clone).toArray(double[][]::new);
    }

    /** The share of rows that were answered rightly. */
    public double accuracy() {
        return sum(label -> counts[label][label]) / sum(this::labelled);
    }

    /** The share of the rows answered so that are so. */
    public double precision(int label) {
        return share(counts[label][label], predicted(label));
    }

    /** The share of the rows that are so that were answered so. */
    public double recall(int label) {
        return share(counts[label][label], labelled(label));
    }

    /** The harmonic mean of precision and recall. */
    public double f1(int label) {
        return share(2 * counts[label][label], labelled(label) + predicted(label));
    }

    /** Mean of {@link #precision} over classes. */
    public double macroPrecision() {
        return mean(this::precision);
    }

    /** Mean of {@link #recall} over classes. */
    public double macroRecall() {
        return mean(this::recall);
    }

    /** Mean of {@link #f1} over classes. */
    public double macroF1() {
        return mean(this::f1);
    }

    /** F1 of all classes together but one that is neither to be found nor rewarded. */
    double microF1(int background) {
        IntToDoubleFunction right = label -> label == background ? 0 : counts[label][label];
        IntToDoubleFunction both = label -> label == background ? 0 : labelled(label) + predicted(label);
        return 2 * sum(right) / sum(both);
    }

    /** Rows of a class. */
    public double labelled(int label) {
        return Arrays.stream(counts[label]).sum();
    }

    /** Rows that were answered as a class. */
    public double predicted(int label) {
        return sum(of -> counts[of][label]);
    }

    private double mean(IntToDoubleFunction measure) {
        return IntStream.range(0, counts.length)
                .filter(label -> labelled(label) + predicted(label) > 0)
                .mapToDouble(measure)
                .average()
                .orElse(Double.NaN);
    }

    private double sum(IntToDoubleFunction measure) {
        return IntStream.range(0, counts.length).mapToDouble(measure).sum();
    }

    private static double share(double part, double whole) {
        return whole == 0 ? 0 : part / whole;
    }
}
