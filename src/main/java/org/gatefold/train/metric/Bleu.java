package org.gatefold.train.metric;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * BLEU of a set of translations (Papineni et al. 2002), as sacreBLEU computes it by default (Post 2018): of texts as people write them, with
 * letters of both cases, tokenised by mteval-v13a's rules, runs of 1 to 4 tokens, exponential smoothing of orders without a match, and
 * the length of the closest reference. 0 to 100.
 *
 * @param score the geometric mean of the precisions times the brevity penalty; 0 if there is no match at all, or no run of 4 tokens
 * @param precisions of the runs of 1 to 4 tokens, 0 to 100, smoothed
 * @param brevityPenalty 1 unless the hypotheses are shorter than the references
 * @param hypothesisLength tokens of all hypotheses
 * @param referenceLength tokens of the references closest in length
 */
public record Bleu(
        double score, List<Double> precisions, double brevityPenalty, long hypothesisLength, long referenceLength) {
    private static final int ORDER = 4;
    private static final Pattern SYMBOLS = Pattern.compile("([{-~\\[-` -&(-+:-@/])");
    private static final Pattern POINT_AFTER = Pattern.compile("([^0-9])([.,])");
    private static final Pattern POINT_BEFORE = Pattern.compile("([.,])([^0-9])");
    private static final Pattern DASH = Pattern.compile("([0-9])(-)");
    private static final Pattern SPACE = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);

    public Bleu {
        precisions = List.copyOf(precisions);
    }

    /**
     * BLEU with one reference for each hypothesis.
     *
     * @param references in the order of the hypotheses
     */
    public static Bleu of(List<String> hypotheses, List<String> references) {
        return ofSeveral(hypotheses, references.stream().map(List::of).toList());
    }

    /**
     * BLEU with several references.
     *
     * @param references for each hypothesis at least one
     */
    public static Bleu ofSeveral(List<String> hypotheses, List<List<String>> references) {
        NGrams.requirePairs(hypotheses, references);
        long[] matches = new long[ORDER];
        long[] totals = new long[ORDER];
        long hypothesisLength = 0;
        long referenceLength = 0;
        for (int i = 0; i < hypotheses.size(); i++) {
            List<String> hypothesis = tokens(hypotheses.get(i));
            List<List<String>> all =
                    references.get(i).stream().map(Bleu::tokens).toList();
            hypothesisLength += hypothesis.size();
            referenceLength += closest(hypothesis.size(), all);
            for (int n = 1; n <= ORDER; n++) {
                Map<List<String>, Integer> most = new HashMap<>();
                for (List<String> reference : all) {
                    NGrams.of(reference, n).forEach((run, count) -> most.merge(run, count, Math::max));
                }
                matches[n - 1] += NGrams.common(NGrams.of(hypothesis, n), most);
                totals[n - 1] += Math.max(0, hypothesis.size() - n + 1);
            }
        }
        return of(matches, totals, hypothesisLength, referenceLength);
    }

    private static Bleu of(long[] matches, long[] totals, long hypothesisLength, long referenceLength) {
        List<Double> precisions = new ArrayList<>();
        double logarithms = 0;
        double smoothing = 1;
        boolean matched = false;
        for (int n = 0; n < ORDER; n++) {
            matched |= matches[n] > 0;
            double precision = 0;
            if (totals[n] > 0 && matches[n] > 0) {
                precision = 100.0 * matches[n] / totals[n];
            } else if (totals[n] > 0) {
                smoothing *= 2;
                precision = 100.0 / (smoothing * totals[n]);
            }
            precisions.add(precision);
            logarithms += Math.log(precision);
        }
        double penalty = hypothesisLength >= referenceLength
                ? 1
                : hypothesisLength == 0 ? 0 : Math.exp(1 - (double) referenceLength / hypothesisLength);
        double score = matched ? penalty * Math.exp(logarithms / ORDER) : 0;
        return new Bleu(score, precisions, penalty, hypothesisLength, referenceLength);
    }

    /** Of equally close references the shorter. */
    private static int closest(int length, List<List<String>> references) {
        int best = references.get(0).size();
        for (List<String> reference : references) {
            int distance = Math.abs(reference.size() - length);
            int least = Math.abs(best - length);
            if (distance < least || (distance == least && reference.size() < best)) {
                best = reference.size();
            }
        }
        return best;
    }

    /** The tokens of a text by the rules of mteval-v13a. */
    public static List<String> tokens(String text) {
        String line = text.strip()
                .replace("<skipped>", "")
                .replace("-\n", "")
                .replace("\n", " ")
                .replace("&quot;", "\"")
                .replace("&amp;", "&")
                .replace("&lt;", "<")
                .replace("&gt;", ">");
        line = SYMBOLS.matcher(" " + line + " ").replaceAll(" $1 ");
        line = POINT_AFTER.matcher(line).replaceAll("$1 $2 ");
        line = POINT_BEFORE.matcher(line).replaceAll(" $1 $2");
        line = DASH.matcher(line).replaceAll("$1 $2 ").strip();
        return line.isEmpty() ? List.of() : List.of(SPACE.split(line));
    }
}
