package org.gatefold.recipe.baseline.text;

import java.util.Arrays;

/**
 * Translates token by token, in the order of the source, each to what is likeliest by IBM model 1 (Brown et al. 1993), which finds by
 * expectation and maximisation which tokens of pairs belong together, a source token or none for each of the target. Immutable and
 * thread-safe.
 */
public final class WordTranslation {
    /** What {@link #translate} gives for a token that is in no pair. */
    public static final int NONE = -1;

    private static final int ROUNDS = 5;

    private final int[] best;

    private WordTranslation(int... best) {
        this.best = best;
    }

    /**
     * @param sources ids of each text, 0 to {@code count - 1}
     * @param targets as many, 0 or above
     */
    public static WordTranslation fit(int[][] sources, int[][] targets, int count) {
        int most = 0;
        int size = 0;
        for (int i = 0; i < sources.length; i++) {
            size = Math.addExact(size, Math.multiplyExact(sources[i].length + 1, targets[i].length));
            for (int target : targets[i]) {
                most = Math.max(most, target + 1);
            }
        }
        int[] links = new int[size];
        long[] pairs = pairs(sources, targets, count, most, links);
        double[] probabilities = new double[pairs.length];
        Arrays.fill(probabilities, 1.0 / Math.max(1, most));
        for (int round = 0; round < ROUNDS; round++) {
            probabilities = improved(sources, targets, count, most, links, pairs, probabilities);
        }
        int[] best = new int[count];
        double[] highest = new double[count];
        Arrays.fill(best, NONE);
        for (int i = 0; i < pairs.length; i++) {
            int source = (int) (pairs[i] / most);
            if (source < count && probabilities[i] > highest[source]) {
                highest[source] = probabilities[i];
                best[source] = (int) (pairs[i] % most);
            }
        }
        return new WordTranslation(best);
    }

    /**
     * All pairs of tokens that stand in one pair of texts, in order; source {@code count} is none.
     *
     * @param links gets the place of the pair of each target token with each source token, the last with none
     */
    private static long[] pairs(int[][] sources, int[][] targets, int count, int most, int... links) {
        long[] all = new long[links.length];
        int at = 0;
        for (int i = 0; i < sources.length; i++) {
            for (int target : targets[i]) {
                for (int s = 0; s <= sources[i].length; s++) {
                    int source = s < sources[i].length ? sources[i][s] : count;
                    all[at++] = (long) source * most + target;
                }
            }
        }
        long[] different = Arrays.stream(all).sorted().distinct().toArray();
        for (int i = 0; i < all.length; i++) {
            links[i] = Arrays.binarySearch(different, all[i]);
        }
        return different;
    }

    /** The probability of each pair's target given its source, after one more round. */
    private static double[] improved(
            int[][] sources, int[][] targets, int count, int most, int[] links, long[] pairs, double... before) {
        double[] expected = new double[pairs.length];
        int at = 0;
        for (int i = 0; i < sources.length; i++) {
            for (int t = 0; t < targets[i].length; t++) {
                double total = 0;
                for (int s = 0; s <= sources[i].length; s++) {
                    total += before[links[at + s]];
                }
                for (int s = 0; s <= sources[i].length; s++) {
                    expected[links[at + s]] += before[links[at + s]] / total;
                }
                at += sources[i].length + 1;
            }
        }
        double[] totals = new double[count + 1];
        for (int i = 0; i < pairs.length; i++) {
            totals[(int) (pairs[i] / most)] += expected[i];
        }
        for (int i = 0; i < pairs.length; i++) {
            expected[i] /= totals[(int) (pairs[i] / most)];
        }
        return expected;
    }

    /** The likeliest translation of a token, or {@link #NONE}. */
    public int translate(int source) {
        return best[source];
    }
}
