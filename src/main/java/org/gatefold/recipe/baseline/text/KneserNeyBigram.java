package org.gatefold.recipe.baseline.text;

import java.util.Arrays;

/**
 * The probability of a token by the one before it, by interpolated Kneser-Ney smoothing (Kneser and Ney 1995; Chen and Goodman 1999):
 * {@code p(w|v) = max(c(v w) - D, 0) / c(v) + D n(v) / c(v) q(w)}, n(v) the number of tokens that follow v. q is the share of w among
 * all pairs of neighbours, each counted once, by which of them end in it, discounted in the same way and interpolated with 1/V. Both
 * discounts are {@code n1 / (n1 + 2 n2)} of the numbers of counts of one and of two, or a half where there are no such. Immutable and
 * thread-safe.
 */
public final class KneserNeyBigram {
    private static final double USUAL_DISCOUNT = 0.5;

    private final int vocabulary;
    /** Pairs, first token times V plus second, in order, each once. */
    private final long[] pairs;

    private final int[] counts;
    private final double discount;
    /** Of each token, how often another one follows it. */
    private final long[] totals;
    /** Of each token, how many follow it. */
    private final int[] followers;
    /** q of each token. */
    private final double[] continuations;

    private KneserNeyBigram(int vocabulary, long[] pairs, int... counts) {
        this.vocabulary = vocabulary;
        this.pairs = pairs;
        this.counts = counts;
        discount = discount(counts);
        totals = new long[vocabulary];
        followers = new int[vocabulary];
        int[] predecessors = new int[vocabulary];
        for (int i = 0; i < pairs.length; i++) {
            int before = (int) (pairs[i] / vocabulary);
            totals[before] += counts[i];
            followers[before]++;
            predecessors[(int) (pairs[i] % vocabulary)]++;
        }
        double lower = discount(predecessors);
        long seen = Arrays.stream(predecessors).filter(count -> count > 0).count();
        continuations = new double[vocabulary];
        for (int token = 0; token < vocabulary; token++) {
            continuations[token] =
                    (Math.max(predecessors[token] - lower, 0) + lower * seen / vocabulary) / pairs.length;
        }
    }

    /**
     * @param first what stands before the first token
     * @param text at least one token; all are 0 to {@code vocabulary - 1}
     * @param vocabulary how many tokens there are
     */
    public static KneserNeyBigram fit(int first, int[] text, int vocabulary) {
        if (text.length == 0) {
            throw new IllegalArgumentException("text: expected at least one token, got none");
        }
        long[] all = new long[text.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = (long) (i == 0 ? first : text[i - 1]) * vocabulary + text[i];
        }
        Arrays.sort(all);
        int[] counts = new int[all.length];
        int different = 0;
        for (int i = 0; i < all.length; i++) {
            if (i > 0 && all[i] != all[i - 1]) {
                different++;
            }
            all[different] = all[i];
            counts[different]++;
        }
        return new KneserNeyBigram(vocabulary, Arrays.copyOf(all, different + 1), Arrays.copyOf(counts, different + 1));
    }

    private static double discount(int... counts) {
        long once = Arrays.stream(counts).filter(count -> count == 1).count();
        long twice = Arrays.stream(counts).filter(count -> count == 2).count();
        return once == 0 || twice == 0 ? USUAL_DISCOUNT : once / (once + 2.0 * twice);
    }

    /** What is taken off the count of a pair. */
    public double discount() {
        return discount;
    }

    /** The probability of a token behind another one. */
    public double probability(int before, int token) {
        if (totals[before] == 0) {
            return continuations[token];
        }
        int place = Arrays.binarySearch(pairs, (long) before * vocabulary + token);
        double kept = place < 0 ? 0 : counts[place] - discount;
        return (kept + discount * followers[before] * continuations[token]) / totals[before];
    }
}
