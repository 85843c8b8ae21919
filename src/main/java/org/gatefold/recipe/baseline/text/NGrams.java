package org.gatefold.recipe.baseline.text;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Which of its runs of neighbouring tokens a text has: those of one token up to {@code longest}, its beginning and end counting as
 * neighbours.
 *
 * @param longest tokens of a run
 */
public record NGrams(int longest) {
    private static final String BEGIN = "\u0002";
    private static final String END = "\u0003";

    public NGrams {
        if (longest < 1) {
            throw new IllegalArgumentException("longest: expected at least 1, got " + longest);
        }
    }

    /** Each run once, its tokens with a blank between, in the order in which they end. */
    Set<String> of(List<String> tokens) {
        List<String> ended = new ArrayList<>(tokens.size() + 2);
        ended.add(BEGIN);
        ended.addAll(tokens);
        ended.add(END);
        Set<String> runs = new LinkedHashSet<>();
        for (int last = 0; last < ended.size(); last++) {
            String run = ended.get(last);
            for (int length = 1; length <= longest && length <= last + 1; length++) {
                run = length == 1 ? run : ended.get(last - length + 1) + " " + run;
                runs.add(run);
            }
        }
        // They are at the ends of all texts alike.
        runs.remove(BEGIN);
        runs.remove(END);
        return runs;
    }
}
