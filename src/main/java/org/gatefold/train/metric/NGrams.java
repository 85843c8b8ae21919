package org.gatefold.train.metric;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How often each run of n units occurs in a text. Stateless. */
final class NGrams {
    private NGrams() {}

    /** The runs of n units. */
    static Map<List<String>, Integer> of(List<String> units, int n) {
        Map<List<String>, Integer> counts = new HashMap<>();
        for (int i = 0; i + n <= units.size(); i++) {
            counts.merge(List.copyOf(units.subList(i, i + n)), 1, Integer::sum);
        }
        return counts;
    }

    /** Runs that both have, as often as both have them. */
    static int common(Map<List<String>, Integer> a, Map<List<String>, Integer> b) {
        int sum = 0;
        for (Map.Entry<List<String>, Integer> entry : a.entrySet()) {
            sum += Math.min(entry.getValue(), b.getOrDefault(entry.getKey(), 0));
        }
        return sum;
    }

    /** Checks that every hypothesis has references. */
    static void requirePairs(List<String> hypotheses, List<List<String>> references) {
        if (hypotheses.isEmpty()) {
            throw new IllegalArgumentException("hypotheses: expected at least one, got none");
        }
        if (references.size() != hypotheses.size()) {
            throw new IllegalArgumentException("references: expected those of " + hypotheses.size()
                    + " hypotheses, got those of " + references.size());
        }
        for (int i = 0; i < references.size(); i++) {
            if (references.get(i).isEmpty()) {
                throw new IllegalArgumentException("references[" + i + "]: expected at least one, got none");
            }
        }
    }
}
