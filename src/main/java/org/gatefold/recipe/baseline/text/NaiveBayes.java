package org.gatefold.recipe.baseline.text;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.gatefold.recipe.baseline.Probabilities;

/**
 * Multinomial naive Bayes on single tokens and pairs of neighbours, with one added to every count (Wang and Manning 2012, section 2.1,
 * MNB with bigrams). Tokens and pairs that no training text has are left out. Immutable and thread-safe.
 */
public final class NaiveBayes {
    private final Map<String, int[]> counts;
    private final int[] texts;
    private final long[] totals;

    private NaiveBayes(Map<String, int[]> counts, int... texts) {
        this.counts = counts;
        this.texts = texts;
        this.totals = new long[texts.length];
        for (int[] seen : counts.values()) {
            for (int label = 0; label < totals.length; label++) {
                totals[label] += seen[label];
            }
        }
    }

    /**
     * @param texts tokens of each text
     * @param labels one per text, 0 to {@code classes - 1}
     */
    public static NaiveBayes fit(List<List<String>> texts, int[] labels, int classes) {
        if (labels.length != texts.size() || labels.length == 0) {
            throw new IllegalArgumentException(
                    "labels: expected at least one and as many as texts, " + texts.size() + ", got " + labels.length);
        }
        Map<String, int[]> counts = new HashMap<>();
        int[] byLabel = new int[classes];
        for (int i = 0; i < labels.length; i++) {
            byLabel[labels[i]]++;
            for (String feature : features(texts.get(i))) {
                counts.computeIfAbsent(feature, key -> new int[classes])[labels[i]]++;
            }
        }
        return new NaiveBayes(counts, byLabel);
    }

    /**
     * What {@link #counts} and {@link #texts} of another one gave.
     *
     * @throws IllegalArgumentException if a feature has not one count of at least 0 for each class, or there is no text
     */
    public static NaiveBayes of(Map<String, int[]> counts, int... texts) {
        Map<String, int[]> copy = new HashMap<>();
        counts.forEach((feature, seen) -> {
            if (seen.length != texts.length || Arrays.stream(seen).anyMatch(count -> count < 0)) {
                throw new IllegalArgumentException("counts: expected " + texts.length + " of at least 0 for '" + feature
                        + "', got " + Arrays.toString(seen));
            }
            copy.put(feature, seen.clone());
        });
        if (Arrays.stream(texts).anyMatch(count -> count < 0)
                || Arrays.stream(texts).sum() == 0) {
            throw new IllegalArgumentException(
                    "texts: expected counts of at least 0, and one above, got " + Arrays.toString(texts));
        }
        return new NaiveBayes(copy, texts.clone());
    }

    /** This one with the features alone that are there most often, the first in the order of characters among equals. */
    public NaiveBayes limitedTo(int features) {
        if (counts.size() <= features) {
            return this;
        }
        Map<String, int[]> kept = new HashMap<>();
        counts.entrySet().stream()
                .sorted(Comparator.comparingLong((Map.Entry<String, int[]> entry) ->
                                -Arrays.stream(entry.getValue()).asLongStream().sum())
                        .thenComparing(Map.Entry::getKey))
                .limit(features)
                .forEach(entry -> kept.put(entry.getKey(), entry.getValue()));
        return new NaiveBayes(kept, texts);
    }

    /** How often tokens, and pairs with a blank between, are in the texts of each class, in the order of their characters. */
    public Map<String, int[]> counts() {
        Map<String, int[]> copy = new TreeMap<>();
        counts.forEach((feature, seen) -> copy.put(feature, seen.clone()));
        return copy;
    }

    /** How many texts there were of each class. */
    public int[] texts() {
        return texts.clone();
    }

    /** A text's tokens, then its pairs of neighbours with a blank between, which no single token has within it. */
    private static String[] features(List<String> tokens) {
        int count = tokens.size();
        String[] features = tokens.toArray(new String[Math.max(count, 2 * count - 1)]);
        for (int i = 1; i < count; i++) {
            features[count + i - 1] = tokens.get(i - 1) + " " + tokens.get(i);
        }
        return features;
    }

    /** The probability of each class. */
    public double[] probabilities(List<String> text) {
        double[] scores = new double[texts.length];
        for (int label = 0; label < scores.length; label++) {
            scores[label] = Math.log(texts[label]);
        }
        for (String feature : features(text)) {
            int[] seen = counts.get(feature);
            for (int label = 0; seen != null && label < scores.length; label++) {
                scores[label] += Math.log((seen[label] + 1.0) / (totals[label] + counts.size()));
            }
        }
        return Probabilities.ofLogarithms(scores);
    }
}
