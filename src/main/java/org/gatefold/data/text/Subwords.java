package org.gatefold.data.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Subwords by byte-pair encoding (Sennrich et al. 2016): texts as characters, of which pairs of neighbours were joined that the texts
 * fitted to have most often. Frequent words become one token, rare ones several, and no text is beyond it. Pairs are joined within
 * what {@link Tokenizer#SUBWORDS} cuts, with the blank before a word as part of it, so that tokens one after the other are the text.
 *
 * <p>Immutable and thread-safe. Fit it on the training part alone.
 */
public final class Subwords {
    private final List<String> characters;
    private final List<String> merges;
    private final Map<String, Integer> ids = new HashMap<>();
    private final List<String> tokens = new ArrayList<>();
    private final Map<Long, Merge> ranks = new HashMap<>();

    /**
     * A pair that is joined.
     *
     * @param rank when, the earliest first
     * @param left the id of its first token
     * @param right of its second one
     * @param joined of what it becomes
     */
    private record Merge(int rank, int left, int right, int joined) {}

    private Subwords(List<String> characters, List<String> merges) {
        this.characters = List.copyOf(characters);
        this.merges = List.copyOf(merges);
        characters.forEach(this::id);
        if (merges.size() % 2 != 0) {
            throw new IllegalArgumentException(
                    "merges: expected a left and a right one for each, got " + merges.size() + " in all");
        }
        for (int i = 0; i < merges.size(); i += 2) {
            int left = known(i);
            int right = known(i + 1);
            Merge merge = new Merge(i, left, right, id(merges.get(i) + merges.get(i + 1)));
            if (ranks.putIfAbsent(pair(left, right), merge) != null) {
                throw new IllegalArgumentException("merges: expected each once, got '" + merges.get(i) + "' and '"
                        + merges.get(i + 1) + "' twice");
            }
        }
    }

    private int known(int i) {
        Integer id = ids.get(merges.get(i));
        if (id == null) {
            throw new IllegalArgumentException(
                    "merges: expected characters and what was merged before, got '" + merges.get(i) + "'");
        }
        return id;
    }

    private int id(String token) {
        return ids.computeIfAbsent(token, added -> {
            tokens.add(added);
            return tokens.size() - 1;
        });
    }

    static long pair(int left, int right) {
        return ((long) left << 32) | right;
    }

    /**
     * Learns from texts.
     *
     * @param atMost most tokens, characters among them; of more characters the most frequent are taken
     * @param atLeast how often a character or pair has to be there
     * @throws IllegalArgumentException if one of the two is below 1
     */
    public static Subwords fit(Iterable<String> texts, int atMost, int atLeast) {
        Map<String, Long> words = new LinkedHashMap<>();
        for (String text : texts) {
            Tokenizer.SUBWORDS.tokens(text).forEach(word -> words.merge(word, 1L, Long::sum));
        }
        return fit(words, atMost, atLeast);
    }

    /**
     * Learns from what was counted elsewhere, whatever its order.
     *
     * @param words what {@link Tokenizer#SUBWORDS} cuts texts into, with how often each is there
     * @param atMost most tokens, characters among them; of more characters the most frequent are taken
     * @param atLeast how often a character or pair has to be there
     * @throws IllegalArgumentException if one of the two is below 1
     */
    public static Subwords fit(Map<String, Long> words, int atMost, int atLeast) {
        if (atMost < 1 || atLeast < 1) {
            throw new IllegalArgumentException(
                    (atMost < 1 ? "atMost" : "atLeast") + ": expected at least 1, got " + Math.min(atMost, atLeast));
        }
        List<String> characters = characters(words, atMost, atLeast);
        return new Subwords(characters, new PairMerging(characters, words, atLeast).merges(atMost - characters.size()));
    }

    private static List<String> characters(Map<String, Long> words, int atMost, int atLeast) {
        Map<String, Long> counts = new HashMap<>();
        words.forEach((word, count) ->
                Tokenizer.CHARACTERS.split(word).forEach(character -> counts.merge(character, count, Long::sum)));
        return counts.entrySet().stream()
                .filter(count -> count.getValue() >= atLeast)
                .sorted(Comparator.comparing((Map.Entry<String, Long> count) -> -count.getValue())
                        .thenComparing(Map.Entry::getKey))
                .limit(atMost)
                .map(Map.Entry::getKey)
                .toList();
    }

    /**
     * What {@link #characters} and {@link #merges} of other subwords gave.
     *
     * @throws IllegalArgumentException if there is a pair of what was neither a character nor merged before, or one twice
     */
    public static Subwords of(List<String> characters, List<String> merges) {
        return new Subwords(characters, merges);
    }

    /** The characters that are known, the most frequent first. */
    public List<String> characters() {
        return characters;
    }

    /** The pairs in the order in which they are joined: of each the left and the right one, one after the other. */
    public List<String> merges() {
        return merges;
    }

    /** All tokens that texts may become, but for characters that are not known: the characters, then what pairs become. */
    public List<String> vocabulary() {
        return List.copyOf(tokens);
    }

    /** The tokens of a text, which they are together, in Unicode's composed form; a character that is not known is one. */
    public List<String> tokens(String text) {
        List<String> found = new ArrayList<>();
        for (String word : Tokenizer.SUBWORDS.tokens(text)) {
            split(word, found);
        }
        return found;
    }

    private void split(String word, List<String> found) {
        List<String> parts = Tokenizer.CHARACTERS.split(word);
        int count = parts.size();
        int[] known = new int[count];
        for (int i = 0; i < count; i++) {
            known[i] = ids.getOrDefault(parts.get(i), -1);
        }
        for (Merge next = first(known, count); next != null; next = first(known, count)) {
            count = join(known, count, next.left(), next.right(), next.joined());
        }
        int at = 0;
        for (int i = 0; i < count; i++) {
            String token = known[i] < 0 ? parts.get(at) : tokens.get(known[i]);
            found.add(token);
            at += token.codePointCount(0, token.length());
        }
    }

    /** Of the pairs of neighbours, the one that was learnt first; null if none is known. */
    private Merge first(int[] word, int count) {
        Merge first = null;
        for (int i = 1; i < count; i++) {
            Merge merge = word[i - 1] < 0 || word[i] < 0 ? null : ranks.get(pair(word[i - 1], word[i]));
            first = merge != null && (first == null || merge.rank() < first.rank()) ? merge : first;
        }
        return first;
    }

    /** Joins a pair wherever it is in a word, from left to right, and tells how long the word is then. */
    static int join(int[] word, int count, int left, int right, int joined) {
        int to = 0;
        for (int from = 0; from < count; from++) {
            boolean found = word[from] == left && from + 1 < count && word[from + 1] == right;
            word[to++] = found ? joined : word[from];
            from += found ? 1 : 0;
        }
        return to;
    }
}
