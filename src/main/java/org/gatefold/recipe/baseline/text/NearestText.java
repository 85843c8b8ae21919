package org.gatefold.recipe.baseline.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the known text that is nearest to another by the tokens that both have, rare ones counting more: the cosine of tf-idf vectors
 * of which tokens are there at all. Of equally near ones the first. Immutable and thread-safe.
 */
public final class NearestText {
    private final Map<String, List<Integer>> places = new HashMap<>();
    private final double[] norms;

    private NearestText(List<List<String>> texts) {
        norms = new double[texts.size()];
        for (int i = 0; i < norms.length; i++) {
            for (String token : new HashSet<>(texts.get(i))) {
                places.computeIfAbsent(token, key -> new ArrayList<>()).add(i);
            }
        }
        places.forEach((token, rows) -> rows.forEach(row -> norms[row] += weight(token) * weight(token)));
    }

    /** @param texts tokens of each known text, at least one */
    public static NearestText fit(List<List<String>> texts) {
        if (texts.isEmpty()) {
            throw new IllegalArgumentException("texts: expected at least one, got none");
        }
        return new NearestText(texts);
    }

    private double weight(String token) {
        return Math.log(1 + (double) norms.length / places.get(token).size());
    }

    /** The place of the nearest known text; the first where none has a token of this one. */
    public int find(List<String> text) {
        double[] products = new double[norms.length];
        Set<String> known = new HashSet<>(text);
        known.retainAll(places.keySet());
        for (String token : text) {
            if (known.remove(token)) {
                double weight = weight(token);
                places.get(token).forEach(row -> products[row] += weight * weight);
            }
        }
        int best = 0;
        double most = 0;
        for (int row = 0; row < products.length; row++) {
            double near = products[row] / Math.sqrt(norms[row]);
            if (near > most) {
                most = near;
                best = row;
            }
        }
        return best;
    }
}
