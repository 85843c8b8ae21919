package org.gatefold.recipe.field.media;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableSet;
import org.gatefold.data.ngram.NGramModel;
import org.gatefold.decode.LabelModel;

/**
 * What is known of words, asked label by label: labels are words, or characters with blanks between words, which count when the word is
 * whole (shallow fusion: Hannun et al. 2014). Stateless but for the model.
 */
final class WordScores implements LabelModel {
    private static final String BLANK = " ";

    private final List<String> units;
    private final boolean whole;
    private final NGramModel model;
    private final NavigableSet<String> words;
    private final double weight;
    private final double bonus;

    /**
     * Scores by a model and a lexicon.
     *
     * @param units what labels stand for, from label 1 on
     * @param whole whether these are words
     * @param model null for none
     * @param words that may be written; null for any
     * @param weight of the logarithms of the model's probabilities
     * @param bonus for each word
     */
    WordScores(
            List<String> units,
            boolean whole,
            NGramModel model,
            NavigableSet<String> words,
            double weight,
            double bonus) {
        this.units = units;
        this.whole = whole;
        this.model = model;
        this.words = words;
        this.weight = weight;
        this.bonus = bonus;
    }

    @Override
    public double logProbability(int[] before, int label) {
        String unit = unit(label);
        if (whole) {
            return word(Arrays.stream(before).mapToObj(this::unit).toList(), unit);
        }
        String begun = begun(before);
        if (unit.equals(BLANK)) {
            return begun.isEmpty() ? 0 : word(wordsOf(before), begun);
        }
        return mayBegin(begun + unit) ? 0 : Double.NEGATIVE_INFINITY;
    }

    @Override
    public double endLogProbability(int[] labels) {
        List<String> said = whole ? Arrays.stream(labels).mapToObj(this::unit).toList() : wordsOf(labels);
        String begun = whole ? "" : begun(labels);
        double last = 0;
        if (!begun.isEmpty()) {
            last = word(said, begun);
            said = new ArrayList<>(said);
            said.add(begun);
        }
        return last + ofModel(said, NGramModel.END);
    }

    private String unit(int label) {
        return units.get(label - 1);
    }

    /** The characters behind the last blank. */
    private String begun(int... labels) {
        StringBuilder begun = new StringBuilder();
        for (int label : labels) {
            if (unit(label).equals(BLANK)) {
                begun.setLength(0);
            } else {
                begun.append(unit(label));
            }
        }
        return begun.toString();
    }

    /** The words before the last blank. */
    private List<String> wordsOf(int... labels) {
        List<String> found = new ArrayList<>();
        StringBuilder begun = new StringBuilder();
        for (int label : labels) {
            if (!unit(label).equals(BLANK)) {
                begun.append(unit(label));
            } else if (begun.length() > 0) {
                found.add(begun.toString());
                begun.setLength(0);
            }
        }
        return found;
    }

    private boolean mayBegin(String begun) {
        if (words == null) {
            return true;
        }
        String next = words.ceiling(begun);
        return next != null && next.startsWith(begun);
    }

    private double word(List<String> before, String word) {
        return words == null || words.contains(word) ? ofModel(before, word) + bonus : Double.NEGATIVE_INFINITY;
    }

    private double ofModel(List<String> before, String word) {
        return model == null ? 0 : weight * model.logProbability(before, word);
    }
}
