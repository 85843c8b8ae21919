package org.gatefold.recipe;

/**
 * How well classes were found.
 *
 * @param accuracy share of the rows whose class was found
 * @param f1 mean over classes of the harmonic mean of precision and recall; classes that neither occur nor were predicted
 *     are left out
 */
public record ClassificationScore(double accuracy, double f1) {
    /**
     * Compares predictions with labels.
     *
     * @param labels 0 to {@code classes - 1}, at least one
     * @param predicted as many
     */
    public static ClassificationScore of(int[] labels, int[] predicted, int classes) {
        int[][] counts = confusion(labels, predicted, classes);
        int right = 0;
        double sum = 0;
        int present = 0;
        for (int c = 0; c < classes; c++) {
            right += counts[c][c];
            int both = 0;
            for (int other = 0; other < classes; other++) {
                both += counts[c][other] + counts[other][c];
            }
            if (both > 0) {
                sum += 2.0 * counts[c][c] / both;
                present++;
            }
        }
        return new ClassificationScore((double) right / labels.length, sum / present);
    }

    /** How often each class was taken for which: {@code [label][predicted]}. */
    public static int[][] confusion(int[] labels, int[] predicted, int classes) {
        if (labels.length == 0 || predicted.length != labels.length) {
            throw new IllegalArgumentException(
                    "predicted: expected one class for each of " + labels.length + " labels, got " + predicted.length);
        }
        int[][] counts = new int[classes][classes];
        for (int row = 0; row < labels.length; row++) {
            counts[labels[row]][predicted[row]]++;
        }
        return counts;
    }
}
