package org.gatefold.train.metric;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * chrF of a set of translations (Popović 2015), as sacreBLEU computes it by default: the F score of runs of 1 to 6 characters without
 * white space, over the whole set, recall counting {@code beta} times as much as precision; orders that hypotheses or references have no
 * runs of are left out. With several references, each hypothesis is compared with the one that it scores best against. 0 to 100.
 */
public final class ChrF {
    private static final int ORDER = 6;
    private static final Pattern SPACE = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);

    private ChrF() {}

    /**
     * chrF2 with one reference for each hypothesis.
     *
     * @param references in the order of the hypotheses
     */
    public static double of(List<String> hypotheses, List<String> references) {
        return ofSeveral(hypotheses, references.stream().map(List::of).toList(), 2);
    }

    /**
     * chrF with several references.
     *
     * @param references for each hypothesis at least one
     * @param beta how much recall counts beside precision, greater than 0; 2 is usual
     */
    public static double ofSeveral(List<String> hypotheses, List<List<String>> references, double beta) {
        NGrams.requirePairs(hypotheses, references);
        if (!(beta > 0) || Double.isInfinite(beta)) {
            throw new IllegalArgumentException("beta: expected a finite number greater than 0, got " + beta);
        }
        long[] sums = new long[3 * ORDER];
        for (int i = 0; i < hypotheses.size(); i++) {
            List<String> hypothesis = characters(hypotheses.get(i));
            long[] best = null;
            for (String reference : references.get(i)) {
                long[] counts = counts(hypothesis, characters(reference));
                if (best == null || score(counts, beta) > score(best, beta)) {
                    best = counts;
                }
            }
            for (int k = 0; k < sums.length; k++) {
                sums[k] += best[k];
            }
        }
        return score(sums, beta);
    }

    private static List<String> characters(String text) {
        List<String> characters = new ArrayList<>();
        SPACE.matcher(text).replaceAll("").codePoints().forEach(point -> characters.add(Character.toString(point)));
        return characters;
    }

    /** For each order the runs of the hypothesis, of the reference, and of both. */
    private static long[] counts(List<String> hypothesis, List<String> reference) {
        long[] counts = new long[3 * ORDER];
        for (int n = 1; n <= ORDER; n++) {
            Map<List<String>, Integer> ours = NGrams.of(hypothesis, n);
            Map<List<String>, Integer> theirs = NGrams.of(reference, n);
            counts[3 * n - 3] = Math.max(0, hypothesis.size() - n + 1);
            counts[3 * n - 2] = Math.max(0, reference.size() - n + 1);
            counts[3 * n - 1] = NGrams.common(ours, theirs);
        }
        return counts;
    }

    private static double score(long[] counts, double beta) {
        double precision = 0;
        double recall = 0;
        int orders = 0;
        for (int n = 0; n < ORDER; n++) {
            long ours = counts[3 * n];
            long theirs = counts[3 * n + 1];
            if (ours > 0 && theirs > 0) {
                precision += (double) counts[3 * n + 2] / ours;
                recall += (double) counts[3 * n + 2] / theirs;
                orders++;
            }
        }
        if (precision + recall == 0) {
            return 0;
        }
        double weight = beta * beta;
        return 100 * (1 + weight) * (precision / orders) * (recall / orders) / ((weight * precision + recall) / orders);
    }
}
