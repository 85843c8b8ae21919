package org.gatefold.train.metric;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * The fewest edits that make one sequence of another (Levenshtein 1966), and an alignment that has as few. Of several alignments
 * it is one that prefers, from the end, to put elements beside each other. Immutable.
 *
 * @param edits from what is wanted to what was found, in order
 */
public record EditDistance(List<Edit> edits) {
    /** One place of an alignment. */
    public enum Edit {
        /** The same on both sides. */
        MATCH,
        /** Another one was found. */
        SUBSTITUTION,
        /** Found, but not wanted. */
        INSERTION,
        /** Wanted, but not found. */
        DELETION
    }

    public EditDistance {
        edits = List.copyOf(edits);
    }

    /** Between labels. */
    public static EditDistance of(int[] wanted, int... found) {
        return of(
                Arrays.stream(wanted).boxed().toList(),
                Arrays.stream(found).boxed().toList());
    }

    /** Between elements, such as words, that are equal or not. */
    public static <E> EditDistance of(List<E> wanted, List<E> found) {
        int[][] distance = new int[wanted.size() + 1][found.size() + 1];
        for (int i = 0; i <= wanted.size(); i++) {
            for (int j = 0; j <= found.size(); j++) {
                if (i == 0 || j == 0) {
                    distance[i][j] = i + j;
                    continue;
                }
                int beside = distance[i - 1][j - 1] + (wanted.get(i - 1).equals(found.get(j - 1)) ? 0 : 1);
                distance[i][j] = Math.min(beside, 1 + Math.min(distance[i - 1][j], distance[i][j - 1]));
            }
        }
        List<Edit> edits = new ArrayList<>();
        int i = wanted.size();
        int j = found.size();
        while (i > 0 || j > 0) {
            boolean same = i > 0 && j > 0 && wanted.get(i - 1).equals(found.get(j - 1));
            if (i > 0 && j > 0 && distance[i][j] == distance[i - 1][j - 1] + (same ? 0 : 1)) {
                edits.add(same ? Edit.MATCH : Edit.SUBSTITUTION);
                i--;
                j--;
            } else if (i > 0 && distance[i][j] == distance[i - 1][j] + 1) {
                edits.add(Edit.DELETION);
                i--;
            } else {
                edits.add(Edit.INSERTION);
                j--;
            }
        }
        Collections.reverse(edits);
        return new EditDistance(edits);
    }

    /** How often an edit occurs. */
    public int count(Edit edit) {
        return Collections.frequency(edits, edit);
    }

    /** Substitutions, insertions and deletions. */
    public int errors() {
        return edits.size() - count(Edit.MATCH);
    }

    /** Elements that were wanted. */
    public int wanted() {
        return edits.size() - count(Edit.INSERTION);
    }
}
