package org.gatefold.recipe.baseline;

/**
 * Answers every question with the most frequent class of the training part.
 *
 * @param label that class; of several equally frequent the smallest
 */
public record MajorityClass(int label) {
    /**
     * @param labels 0 to {@code classes - 1}, at least one
     */
    public static MajorityClass fit(int[] labels, int classes) {
        int[] counts = new int[classes];
        for (int label : labels) {
            counts[label]++;
        }
        return new MajorityClass(largest(counts));
    }

    /** The place of the largest count, the first of equals. */
    public static int largest(int... counts) {
        int best = 0;
        for (int label = 1; label < counts.length; label++) {
            if (counts[label] > counts[best]) {
                best = label;
            }
        }
        return best;
    }
}
