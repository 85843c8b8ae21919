package org.gatefold.recipe.baseline.text;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.recipe.baseline.MajorityClass;

/**
 * Answers every word with the tag that it has most often in the training part, whatever stands beside it; words that are not there
 * with the most frequent tag of all. Immutable and thread-safe.
 */
public final class FrequentTag {
    private final Map<String, Integer> tags;
    private final int most;

    private FrequentTag(Map<String, Integer> tags, int most) {
        this.tags = tags;
        this.most = most;
    }

    /**
     * @param words of each sentence
     * @param labels as many, 0 to {@code count - 1}, or below 0 for what is left out
     */
    public static FrequentTag fit(List<List<String>> words, int[][] labels, int count) {
        Map<String, int[]> counts = new HashMap<>();
        int[] all = new int[count];
        for (int i = 0; i < labels.length; i++) {
            for (int t = 0; t < labels[i].length; t++) {
                if (labels[i][t] >= 0) {
                    counts.computeIfAbsent(words.get(i).get(t), word -> new int[count])[labels[i][t]]++;
                    all[labels[i][t]]++;
                }
            }
        }
        Map<String, Integer> tags = new HashMap<>();
        counts.forEach((word, seen) -> tags.put(word, MajorityClass.largest(seen)));
        return new FrequentTag(tags, MajorityClass.largest(all));
    }

    /** The tag of a word. */
    public int tag(String word) {
        return tags.getOrDefault(word, most);
    }
}
