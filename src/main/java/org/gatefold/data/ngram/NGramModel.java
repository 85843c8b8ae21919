package org.gatefold.data.ngram;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How likely a word is behind others, by n-grams with back-off (Katz 1987): the longest n-gram that is known decides, and each word of
 * the history that had to be given up costs the weight of the history. Sentences begin behind {@value #START} and end with {@value #END};
 * words that are not known are {@value #UNKNOWN}. Immutable and thread-safe.
 */
public final class NGramModel {
    /** What stands before the first word. */
    public static final String START = "<s>";

    /** What ends a sentence. */
    public static final String END = "</s>";

    /** Any word that is not known. */
    public static final String UNKNOWN = "<unk>";

    /** What separates the words of an n-gram. */
    static final String BLANK = " ";

    /** The logarithm that stands for no probability. */
    static final double NEVER = -99;

    private static final double LN_10 = Math.log(10);

    private final int order;
    private final Map<String, Entry> entries;

    /**
     * What is known of an n-gram, as logarithms to the base of 10.
     *
     * @param probability of its last word behind the others
     * @param backOff what words cost behind it that make no known n-gram with it
     */
    record Entry(double probability, double backOff) {}

    /**
     * Takes n-grams.
     *
     * @param order words of the longest
     * @param entries by words with a blank between, of which every one but the first of each is there without it
     */
    NGramModel(int order, Map<String, Entry> entries) {
        this.order = order;
        this.entries = new HashMap<>(entries);
    }

    /**
     * Learns sentences by interpolated Kneser-Ney smoothing: {@link KneserNey}.
     *
     * @param sentences words of each, at least one sentence
     * @param order words of the longest n-grams, at least 1
     */
    public static NGramModel of(Collection<List<String>> sentences, int order) {
        return new KneserNey(sentences, order).model();
    }

    /** Words of the longest n-grams. */
    public int order() {
        return order;
    }

    /** How many n-grams are known. */
    public int size() {
        return entries.size();
    }

    /** Whether a word is known by itself. */
    public boolean knows(String word) {
        return entries.containsKey(word);
    }

    Map<String, Entry> entries() {
        return entries;
    }

    /**
     * The natural logarithm of the probability of a word.
     *
     * @param before the words of the sentence before it, however many
     * @param word the next one, or {@link #END}
     */
    public double logProbability(List<String> before, String word) {
        int from = Math.max(0, before.size() - order + 1);
        StringBuilder text = new StringBuilder(before.size() < order - 1 ? START : "");
        for (String each : before.subList(from, before.size())) {
            text.append(text.length() == 0 ? "" : BLANK).append(known(each));
        }
        return LN_10 * backedOff(order == 1 ? "" : text.toString(), known(word));
    }

    /** The natural logarithm of the probability of a whole sentence, its end among it. */
    public double logProbability(List<String> sentence) {
        double sum = logProbability(sentence, END);
        for (int i = 0; i < sentence.size(); i++) {
            sum += logProbability(sentence.subList(0, i), sentence.get(i));
        }
        return sum;
    }

    private String known(String word) {
        return entries.containsKey(word) ? word : UNKNOWN;
    }

    private double backedOff(String history, String word) {
        double cost = 0;
        String rest = history;
        while (!rest.isEmpty()) {
            Entry found = entries.get(rest + BLANK + word);
            if (found != null) {
                return cost + found.probability();
            }
            Entry given = entries.get(rest);
            cost += given == null ? 0 : given.backOff();
            int next = rest.indexOf(BLANK);
            rest = next < 0 ? "" : rest.substring(next + 1);
        }
        Entry alone = entries.get(word);
        return cost + (alone == null ? NEVER : alone.probability());
    }
}
