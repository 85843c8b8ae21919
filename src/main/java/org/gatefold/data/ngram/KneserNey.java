package org.gatefold.data.ngram;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Interpolated Kneser-Ney smoothing (Kneser and Ney 1995; Chen and Goodman 1999): of what was counted of each n-gram a discount goes to the
 * n-grams one word shorter, which are counted by how many different words stand before them. The discount of each length is that of Ney,
 * Essen and Kneser (1994), {@code n1 / (n1 + 2 n2)} by how many n-grams were counted once and twice, or {@value #DISCOUNT} where one of
 * these is none. Words that are not known share what is left of single words alike with the others. One thread.
 */
final class KneserNey {
    private static final double DISCOUNT = 0.75;

    private final int order;
    /** By length less 1, what each n-gram counts. */
    private final List<Map<String, Integer>> counts = new ArrayList<>();

    private final Map<String, NGramModel.Entry> entries = new HashMap<>();

    KneserNey(Collection<List<String>> sentences, int order) {
        if (order < 1) {
            throw new IllegalArgumentException("order: expected at least 1, got " + order);
        }
        if (sentences.isEmpty()) {
            throw new IllegalArgumentException("sentences: expected at least one, got none");
        }
        this.order = order;
        for (int n = 0; n < order; n++) {
            counts.add(new HashMap<>());
        }
        sentences.forEach(this::count);
        countByWordsBefore();
    }

    private void count(List<String> sentence) {
        List<String> whole = new ArrayList<>(sentence);
        whole.add(0, NGramModel.START);
        whole.add(NGramModel.END);
        for (int n = 1; n <= order; n++) {
            for (int i = 0; i + n <= whole.size(); i++) {
                String gram = String.join(NGramModel.BLANK, whole.subList(i, i + n));
                counts.get(n - 1).merge(gram, 1, Integer::sum);
            }
        }
    }

    /** Nothing stands before the start of a sentence, so that n-grams from there on count as often as they came. */
    private void countByWordsBefore() {
        for (int n = 0; n < order - 1; n++) {
            Map<String, Integer> byWords = new HashMap<>();
            for (String longer : counts.get(n + 1).keySet()) {
                byWords.merge(withoutFirst(longer), 1, Integer::sum);
            }
            counts.get(n).replaceAll((gram, count) -> isFromStart(gram) ? count : byWords.get(gram));
        }
    }

    private static boolean isFromStart(String gram) {
        return gram.equals(NGramModel.START) || gram.startsWith(NGramModel.START + NGramModel.BLANK);
    }

    NGramModel model() {
        Map<String, Integer> words = counts.get(0);
        words.putIfAbsent(NGramModel.UNKNOWN, 0);
        words.put(NGramModel.START, 0);
        Map<String, Double> shorter = new HashMap<>();
        words.keySet().forEach(word -> shorter.put(word, 1.0 / (words.size() - 1)));
        Map<String, Double> last = shorter;
        for (int n = 0; n < order; n++) {
            last = add(n, last);
        }
        entries.put(
                NGramModel.START,
                new NGramModel.Entry(
                        NGramModel.NEVER, entries.get(NGramModel.START).backOff()));
        return new NGramModel(order, entries);
    }

    /**
     * Adds the n-grams of a length, and what is left to them by their histories.
     *
     * @param shorter the probabilities of those one word shorter
     * @return their own
     */
    private Map<String, Double> add(int n, Map<String, Double> shorter) {
        Map<String, Integer> grams = counts.get(n);
        double discount = discount(grams);
        Map<String, Double> sums = new HashMap<>();
        Map<String, Double> left = new HashMap<>();
        grams.forEach((gram, count) -> {
            sums.merge(history(gram), (double) count, Double::sum);
            left.merge(history(gram), Math.min(count, discount), Double::sum);
        });
        Map<String, Double> probabilities = new HashMap<>();
        grams.forEach((gram, count) -> {
            String history = history(gram);
            double sum = sums.get(history);
            double own = Math.max(0, count - discount) / sum;
            double rest = n == 0 ? shorter.get(gram) : shorter.get(withoutFirst(gram));
            probabilities.put(gram, own + left.get(history) / sum * rest);
        });
        probabilities.forEach((gram, p) -> entries.put(gram, new NGramModel.Entry(Math.log10(p), 0)));
        if (n > 0) {
            left.forEach((history, mass) -> entries.computeIfPresent(
                    history,
                    (gram, entry) -> new NGramModel.Entry(entry.probability(), Math.log10(mass / sums.get(history)))));
        }
        return probabilities;
    }

    private static double discount(Map<String, Integer> grams) {
        long once = grams.values().stream().filter(count -> count == 1).count();
        long twice = grams.values().stream().filter(count -> count == 2).count();
        return once == 0 || twice == 0 ? DISCOUNT : (double) once / (once + 2 * twice);
    }

    /** All words of an n-gram, of at least two, but the first. */
    private static String withoutFirst(String gram) {
        return gram.substring(gram.indexOf(NGramModel.BLANK) + 1);
    }

    /** All words of an n-gram but the last. */
    private static String history(String gram) {
        int last = gram.lastIndexOf(NGramModel.BLANK);
        return last < 0 ? "" : gram.substring(0, last);
    }
}
