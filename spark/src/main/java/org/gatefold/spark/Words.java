package org.gatefold.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.apache.spark.api.java.JavaRDD;
import org.gatefold.data.text.Tokenizer;
import org.gatefold.data.text.Vocabulary;
import scala.Tuple2;

/** How a column of texts becomes ids: a tokenizer and the tokens that it knows. Immutable and thread-safe. */
final class Words implements Serializable {
    private static final long serialVersionUID = 1L;

    private final Tokenizer tokenizer;
    private final ArrayList<String> tokens;
    private transient volatile Vocabulary vocabulary;

    /** @param tokens in the order of their ids, the first {@link Vocabulary#UNKNOWN} */
    Words(Tokenizer tokenizer, List<String> tokens) {
        this.tokenizer = tokenizer;
        this.tokens = new ArrayList<>(tokens);
        this.vocabulary = Vocabulary.of(tokens);
    }

    /** The more frequent one first; of equally frequent ones, that which comes first in the order of its characters. */
    private static final class Frequent implements Comparator<Tuple2<String, Long>>, Serializable {
        private static final long serialVersionUID = 1L;

        @Override
        public int compare(Tuple2<String, Long> one, Tuple2<String, Long> other) {
            int order = Long.compare(other._2, one._2);
            return order != 0 ? order : one._1.compareTo(other._1);
        }
    }

    /**
     * The most frequent tokens of texts, counted by all executors: those of {@link Vocabulary#fit}.
     *
     * @param texts of which those that are null are left out
     * @param atMost most tokens, {@link Vocabulary#UNKNOWN} counted
     * @param atLeast how often a token has to be there
     */
    static Words fit(JavaRDD<String> texts, Tokenizer tokenizer, int atMost, int atLeast) {
        List<String> tokens = new ArrayList<>(List.of(Vocabulary.UNKNOWN));
        texts.filter(Objects::nonNull)
                .flatMap(text -> tokenizer.tokens(text).iterator())
                .mapToPair(token -> new Tuple2<>(token, 1L))
                .reduceByKey(Long::sum)
                .filter(count -> count._2 >= atLeast && !count._1.equals(Vocabulary.UNKNOWN))
                .map(count -> count)
                .takeOrdered(atMost - 1, new Frequent())
                .forEach(count -> tokens.add(count._1));
        return new Words(tokenizer, tokens);
    }

    /** @throws IllegalArgumentException unless it is the name of one that needs nothing but a text */
    static Tokenizer tokenizer(String name) {
        List<Tokenizer> known = List.of(Tokenizer.WORDS, Tokenizer.SPACES, Tokenizer.CHARACTERS);
        return known.stream()
                .filter(each -> label(each).equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("tokenizer: expected one of "
                        + known.stream().map(Words::label).toList() + ", got '" + name + "'"));
    }

    private static String label(Tokenizer tokenizer) {
        return tokenizer.name().toLowerCase(Locale.ROOT);
    }

    String tokenizerName() {
        return label(tokenizer);
    }

    List<String> tokens() {
        return tokens;
    }

    /** The ids of a text, a step each. */
    float[][] ids(String text) {
        if (vocabulary == null) {
            vocabulary = Vocabulary.of(tokens);
        }
        Vocabulary known = vocabulary;
        return tokenizer.tokens(text).stream()
                .map(token -> new float[] {known.id(token)})
                .toArray(float[][]::new);
    }
}
