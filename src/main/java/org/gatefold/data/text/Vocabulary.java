package org.gatefold.data.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tokens and their ids, 0 to {@link #size} - 1. Id 0 is {@link #UNKNOWN}: it stands for every token that is not in it.
 *
 * <p>Immutable and thread-safe. Fit it on the training part alone: the test part must not be known when the model is made.
 */
public final class Vocabulary {
    /** What stands for tokens that are not in a vocabulary. */
    public static final String UNKNOWN = "<unk>";

    private final List<String> tokens;
    private final Map<String, Integer> ids;

    private Vocabulary(List<String> tokens) {
        this.tokens = List.copyOf(tokens);
        this.ids = new HashMap<>();
        for (int id = 0; id < tokens.size(); id++) {
            if (ids.put(tokens.get(id), id) != null) {
                throw new IllegalArgumentException("tokens: expected each once, got '" + tokens.get(id) + "' twice");
            }
        }
    }

    /**
     * The tokens given, with their place in the list as id: what {@link #tokens} of another vocabulary gave.
     *
     * @throws IllegalArgumentException if the first is not {@link #UNKNOWN}, or one is there twice
     */
    public static Vocabulary of(List<String> tokens) {
        if (tokens.isEmpty() || !tokens.get(0).equals(UNKNOWN)) {
            throw new IllegalArgumentException("tokens: expected '" + UNKNOWN + "' first, got "
                    + (tokens.isEmpty() ? "none" : "'" + tokens.get(0) + "'"));
        }
        return new Vocabulary(tokens);
    }

    /**
     * The most frequent tokens of texts; of equally frequent ones, those that come first in the order of their characters.
     *
     * @param texts one list of tokens each
     * @param atMost most tokens, {@link #UNKNOWN} and the special ones counted
     * @param atLeast how often a token has to be there
     * @param special tokens that are always there and come first, for instance those that begin and end a sentence
     * @throws IllegalArgumentException if {@code atMost} leaves no room, {@code atLeast} is below 1, or a special token is
     *     there twice
     */
    public static Vocabulary fit(Iterable<List<String>> texts, int atMost, int atLeast, String... special) {
        if (atMost < 2 + special.length) {
            throw new IllegalArgumentException("atMost: expected at least " + (2 + special.length) + ", for '" + UNKNOWN
                    + "', " + special.length + " special tokens and one more, got " + atMost);
        }
        if (atLeast < 1) {
            throw new IllegalArgumentException("atLeast: expected at least 1, got " + atLeast);
        }
        Map<String, Long> counts = new HashMap<>();
        for (List<String> text : texts) {
            for (String token : text) {
                counts.merge(token, 1L, Long::sum);
            }
        }
        List<String> tokens = new ArrayList<>();
        tokens.add(UNKNOWN);
        tokens.addAll(List.of(special));
        Set<String> first = new HashSet<>(tokens);
        counts.entrySet().stream()
                .filter(count -> count.getValue() >= atLeast && !first.contains(count.getKey()))
                .sorted(Comparator.comparing((Map.Entry<String, Long> count) -> -count.getValue())
                        .thenComparing(Map.Entry::getKey))
                .limit(atMost - tokens.size())
                .forEach(count -> tokens.add(count.getKey()));
        return new Vocabulary(tokens);
    }

    /** The number of ids. */
    public int size() {
        return tokens.size();
    }

    /** All tokens, in the order of their ids. */
    public List<String> tokens() {
        return tokens;
    }

    /** The id of a token; 0 if it is not in here. */
    public int id(String token) {
        return ids.getOrDefault(token, 0);
    }

    /** The ids of a text. */
    public int[] ids(List<String> text) {
        return text.stream().mapToInt(this::id).toArray();
    }

    /**
     * The token of an id.
     *
     * @throws IllegalArgumentException if there is no such id
     */
    public String token(int id) {
        if (id < 0 || id >= tokens.size()) {
            throw new IllegalArgumentException("id: expected 0 to " + (tokens.size() - 1) + ", got " + id);
        }
        return tokens.get(id);
    }

    /** The tokens of ids. */
    public List<String> tokens(int... text) {
        List<String> found = new ArrayList<>(text.length);
        for (int id : text) {
            found.add(token(id));
        }
        return found;
    }
}
