package org.gatefold.data.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Learns which pairs of neighbours {@link Subwords} join: again and again the most frequent one, of equals the first in the order of
 * characters. Words are kept by pair, so that a merge looks at those alone that it changes. One thread at a time, once.
 */
final class PairMerging {
    private final int atLeast;
    private final List<String> tokens;
    private final Map<String, Integer> ids = new HashMap<>();
    private final List<int[]> words = new ArrayList<>();
    private final long[] counts;
    private final Map<Long, Pair> pairs = new HashMap<>();
    private final PriorityQueue<Candidate> queue =
            new PriorityQueue<>(Comparator.comparingLong((Candidate candidate) -> -candidate.count)
                    .thenComparing(candidate -> candidate.pair.left)
                    .thenComparing(candidate -> candidate.pair.right));

    /** A pair of neighbours, how often it is there, and words that have or had it. */
    private static final class Pair {
        private final String left;
        private final String right;
        private final Set<Integer> words = new LinkedHashSet<>();
        private long count;

        private Pair(String left, String right) {
            this.left = left;
            this.right = right;
        }
    }

    /** A pair with its count when it was put in line, since when it may have become less frequent. */
    private record Candidate(Pair pair, long count) {}

    /**
     * @param characters that are known
     * @param words with how often they are there
     * @param atLeast how often a pair has to be there
     */
    PairMerging(List<String> characters, Map<String, Long> words, int atLeast) {
        this.atLeast = atLeast;
        this.tokens = new ArrayList<>(characters);
        for (int id = 0; id < characters.size(); id++) {
            ids.put(characters.get(id), id);
        }
        this.counts = words.values().stream().mapToLong(Long::longValue).toArray();
        for (String word : words.keySet()) {
            this.words.add(Tokenizer.CHARACTERS.split(word).stream()
                    .mapToInt(character -> ids.getOrDefault(character, -1))
                    .toArray());
            count(this.words.size() - 1, 1);
        }
        pairs.values().forEach(this::enqueue);
    }

    /** Left and right of each merge, at most so many that give a token that there was not before. */
    List<String> merges(int atMost) {
        int most = tokens.size() + atMost;
        List<String> merges = new ArrayList<>();
        while (tokens.size() < most && !queue.isEmpty()) {
            Candidate next = queue.poll();
            if (next.count != next.pair.count) {
                continue;
            }
            merges.add(next.pair.left);
            merges.add(next.pair.right);
            merge(next.pair);
        }
        return merges;
    }

    private void merge(Pair pair) {
        int joined = ids.computeIfAbsent(pair.left + pair.right, token -> {
            tokens.add(token);
            return tokens.size() - 1;
        });
        Set<Pair> changed = new LinkedHashSet<>();
        for (int index : pair.words) {
            int[] word = words.get(index);
            int length = Subwords.join(word.clone(), word.length, ids.get(pair.left), ids.get(pair.right), joined);
            if (length < word.length) {
                changed.addAll(count(index, -1));
                Subwords.join(word, word.length, ids.get(pair.left), ids.get(pair.right), joined);
                words.set(index, Arrays.copyOf(word, length));
                changed.addAll(count(index, 1));
            }
        }
        pair.words.clear();
        changed.forEach(this::enqueue);
    }

    private void enqueue(Pair pair) {
        if (pair.count >= atLeast) {
            queue.add(new Candidate(pair, pair.count));
        }
    }

    /** Adds the pairs of a word to the counts, or takes them away. */
    private List<Pair> count(int index, int sign) {
        int[] word = words.get(index);
        List<Pair> found = new ArrayList<>();
        for (int i = 1; i < word.length; i++) {
            if (word[i - 1] >= 0 && word[i] >= 0) {
                String left = tokens.get(word[i - 1]);
                String right = tokens.get(word[i]);
                Pair pair = pairs.computeIfAbsent(Subwords.pair(word[i - 1], word[i]), key -> new Pair(left, right));
                pair.count += sign * counts[index];
                pair.words.add(index);
                found.add(pair);
            }
        }
        return found;
    }
}
