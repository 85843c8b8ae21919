package org.gatefold.recipe.field.media;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.gatefold.data.ngram.ArpaFile;
import org.gatefold.data.ngram.NGramModel;
import org.gatefold.data.text.TextFile;
import org.gatefold.decode.LabelModel;
import org.gatefold.file.FileFailure;
import org.gatefold.file.JsonFields;

/**
 * What is known of words beside what is heard: which there are, and how likely each is behind others, by n-grams. Read from files, or learnt
 * from the texts of the training rows; then a part of the model. Immutable and thread-safe.
 */
public final class WordKnowledge {
    /** In place of a file: the words of the training rows. */
    public static final String OF_TRAINING = "training";

    private static final String MODEL = "language-model";
    private static final String LEXICON = "lexicon";

    private final Wish wish;
    private final NGramModel model;
    private final NavigableSet<String> words;

    /**
     * What is to be known.
     *
     * @param file an ARPA file; null for none
     * @param order words of the n-grams that are learnt from texts where there is no file; 0 for none
     * @param lexicon a file with a word a line, or {@link #OF_TRAINING}; null for any words
     * @param weight of the model
     * @param bonus for each word
     */
    private record Wish(Path file, int order, String lexicon, double weight, double bonus) {}

    private WordKnowledge(Wish wish, NGramModel model, NavigableSet<String> words) {
        this.wish = wish;
        this.model = model;
        this.words = words;
    }

    /** Nothing is known. */
    public static WordKnowledge none() {
        return new WordKnowledge(new Wish(null, 0, null, 0, 0), null, null);
    }

    /** N-grams of an ARPA file, which is read when this is fitted. */
    public WordKnowledge file(Path arpa) {
        return new WordKnowledge(new Wish(arpa, wish.order, wish.lexicon, wish.weight, wish.bonus), null, null);
    }

    /** N-grams of so many words, of the texts of the training rows; 0 for none. */
    public WordKnowledge order(int count) {
        return new WordKnowledge(new Wish(wish.file, count, wish.lexicon, wish.weight, wish.bonus), null, null);
    }

    /** The only words: those of a file, one a line, or of the training rows: {@link #OF_TRAINING}. */
    public WordKnowledge lexicon(String file) {
        return new WordKnowledge(new Wish(wish.file, wish.order, file, wish.weight, wish.bonus), null, null);
    }

    /** What is added to the logarithm of a text's probability: so many times that of the n-grams, and so much for each word. */
    public WordKnowledge weights(double ofModel, double ofEachWord) {
        return new WordKnowledge(new Wish(wish.file, wish.order, wish.lexicon, ofModel, ofEachWord), model, words);
    }

    /** True if texts are to be searched for by it. */
    boolean isAny() {
        return wish.file != null || wish.order > 0 || wish.lexicon != null || wish.bonus != 0;
    }

    /**
     * Reads what is to be read, and learns the rest.
     *
     * @param texts the words of each training row
     */
    WordKnowledge fit(List<List<String>> texts) {
        try {
            NGramModel known = wish.file != null
                    ? ArpaFile.read(wish.file)
                    : wish.order > 0 ? NGramModel.of(texts, wish.order) : null;
            if (known != null && known.size() > ArpaFile.MOST) {
                throw new IllegalArgumentException("expected texts with at most " + ArpaFile.MOST
                        + " n-grams to learn, got " + known.size() + "; choose a smaller order");
            }
            return new WordKnowledge(wish, known, wish.lexicon == null ? null : wordsOf(texts));
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read words: " + FileFailure.reason(e), e);
        }
    }

    private NavigableSet<String> wordsOf(List<List<String>> texts) throws IOException {
        NavigableSet<String> found = new TreeSet<>();
        if (wish.lexicon.equals(OF_TRAINING)) {
            texts.forEach(found::addAll);
            return found;
        }
        for (String line : TextFile.lines(Path.of(wish.lexicon))) {
            // What stands behind the word, such as how it is spoken, is of no use here.
            String word = line.strip().split("\\s+", 2)[0];
            if (!word.isEmpty()) {
                found.add(word);
            }
        }
        if (found.isEmpty()) {
            throw new IllegalArgumentException(wish.lexicon + ": expected a word a line, found none");
        }
        return found;
    }

    /**
     * Scores of labels.
     *
     * @param units what they stand for, from label 1 on
     * @param whole whether these are words
     */
    LabelModel scores(List<String> units, boolean whole) {
        return new WordScores(units, whole, model, words, wish.weight, wish.bonus);
    }

    /** In words, behind a comma; empty if nothing is known. */
    String summary() {
        List<String> parts = new ArrayList<>();
        if (model != null) {
            parts.add(", " + model.size() + " n-grams of up to " + model.order() + " words");
        }
        if (words != null) {
            parts.add(", a lexicon of " + words.size());
        }
        return String.join("", parts);
    }

    /** Adds what was fitted to the state of a field. */
    void addTo(JsonObject state) {
        if (model != null) {
            state.addProperty(MODEL, ArpaFile.text(model));
        }
        if (words != null) {
            JsonArray all = new JsonArray();
            words.forEach(all::add);
            state.add(LEXICON, all);
        }
    }

    /** What was fitted, as {@link #addTo} kept it. */
    WordKnowledge restored(JsonFields state) {
        NGramModel known = null;
        if (state.has(MODEL)) {
            try {
                known = ArpaFile.parse(MODEL, state.text(MODEL));
            } catch (IllegalArgumentException e) {
                throw state.wrong(MODEL, e.getMessage(), e);
            }
        }
        return new WordKnowledge(
                wish,
                known,
                state.has(LEXICON)
                        ? Collections.unmodifiableNavigableSet(new TreeSet<>(state.textList(LEXICON)))
                        : null);
    }
}
