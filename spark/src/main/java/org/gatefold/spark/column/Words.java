package org.gatefold.spark.column;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.gatefold.data.text.Subwords;
import org.gatefold.data.text.Tokenizer;
import org.gatefold.data.text.Vocabulary;
import org.gatefold.file.FileException;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.field.text.Text;
import scala.Tuple2;

/** How a column of texts becomes ids, as a {@link Text} does it that was fitted by executors. Immutable and thread-safe. */
public final class Words implements Serializable {
    private static final long serialVersionUID = 1L;

    private static final String COLUMN = "text";
    private static final String TOKENS = "tokens";
    private static final String CHARACTERS = "characters";
    private static final String MERGES = "merges";

    private final Tokenizer tokenizer;
    private final String state;
    private transient volatile Text text;

    private Words(Tokenizer tokenizer, JsonObject state) {
        this.tokenizer = tokenizer;
        this.state = Json.compact(state);
    }

    /**
     * What {@link #state} gave.
     *
     * @throws FileException naming what is damaged
     */
    static Words restored(Tokenizer tokenizer, JsonFields state) {
        return new Words(tokenizer, column(tokenizer).restored(state).state());
    }

    private static Text column(Tokenizer tokenizer) {
        return Text.column(COLUMN, tokenizer, Integer.MAX_VALUE, 1);
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
     * Tokens of texts, counted by all executors: those that a {@link Text} has that is fitted to them.
     *
     * @param texts of which those that are null are left out
     * @param atMost most tokens, {@link Vocabulary#UNKNOWN} counted
     * @param atLeast how often a token has to be there; of subwords, a character or pair
     */
    public static Words fit(JavaRDD<String> texts, Tokenizer tokenizer, int atMost, int atLeast) {
        JavaPairRDD<String, Long> counts = texts.filter(Objects::nonNull)
                .flatMap(text -> tokenizer.tokens(text).iterator())
                .mapToPair(token -> new Tuple2<>(token, 1L))
                .reduceByKey(Long::sum);
        JsonObject state = new JsonObject();
        if (tokenizer == Tokenizer.SUBWORDS) {
            Map<String, Long> words = new TreeMap<>(counts.collectAsMap());
            Subwords subwords = Subwords.fit(words, atMost - 1, atLeast);
            state.add(CHARACTERS, array(subwords.characters()));
            state.add(MERGES, array(subwords.merges()));
        } else {
            List<String> tokens = new ArrayList<>(List.of(Vocabulary.UNKNOWN));
            counts.filter(count -> count._2 >= atLeast && !count._1.equals(Vocabulary.UNKNOWN))
                    .map(count -> count)
                    .takeOrdered(atMost - 1, new Frequent())
                    .forEach(count -> tokens.add(count._1));
            state.add(TOKENS, array(tokens));
        }
        return new Words(tokenizer, state);
    }

    private static JsonArray array(List<String> texts) {
        JsonArray array = new JsonArray();
        texts.forEach(array::add);
        return array;
    }

    /** @throws IllegalArgumentException unless it is the name of one */
    public static Tokenizer tokenizer(String name) {
        return Arrays.stream(Tokenizer.values())
                .filter(each -> each.label().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("tokenizer: expected one of "
                        + Arrays.stream(Tokenizer.values())
                                .map(Tokenizer::label)
                                .toList() + ", got '" + name + "'"));
    }

    String tokenizerName() {
        return tokenizer.label();
    }

    /** What is kept in a model's file. */
    JsonObject state() {
        return text().state();
    }

    public List<String> tokens() {
        return text().vocabulary().tokens();
    }

    private Text text() {
        if (text == null) {
            text = column(tokenizer).restored(JsonFields.parse("words", state));
        }
        return text;
    }

    /** The ids of a text, a step each. */
    public float[][] ids(String read) {
        Text known = text();
        return known.tokens(read).stream()
                .map(token -> new float[] {known.id(token)})
                .toArray(float[][]::new);
    }
}
