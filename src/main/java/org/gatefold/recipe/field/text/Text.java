package org.gatefold.recipe.field.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.data.text.Subwords;
import org.gatefold.data.text.Tokenizer;
import org.gatefold.data.text.Vocabulary;
import org.gatefold.data.text.WordShape;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.field.Rows;

/**
 * A column of texts, read as the ids of their tokens. The vocabulary is that of the training rows, the most frequent tokens first; of
 * {@link Tokenizer#SUBWORDS}, {@link Subwords} learnt of them.
 */
public final class Text implements TextInput {
    private static final String TOKENS = "tokens";
    private static final String CHARACTERS = "characters";
    private static final String MERGES = "merges";
    private static final String VECTORS = "vectors";
    private static final String SHAPES = "shapes";

    private final Reading reading;
    private final Subwords subwords;
    private final Vocabulary vocabulary;
    private final PretrainedVectors vectors;

    /** How the letters of a text are read. */
    private enum Letters {
        AS_WRITTEN,
        LOWER,
        SHAPE
    }

    /**
     * What was said of the column.
     *
     * @param letters how tokens are written
     * @param special tokens that come first in the vocabulary, and in no text
     * @param ended whether the last of them ends each row
     * @param longest most tokens of a row that are read
     */
    private record Reading(
            String name,
            String column,
            Tokenizer tokenizer,
            int atMost,
            int atLeast,
            Letters letters,
            List<String> special,
            boolean ended,
            int longest) {
        Reading read(String its, Letters written, List<String> first, boolean end, int most) {
            return new Reading(its, column, tokenizer, atMost, atLeast, written, first, end, most);
        }

        Text fitted(Subwords subwords, List<String> tokens) {
            return new Text(this, subwords, Vocabulary.of(tokens), null);
        }

        Text fitted(Subwords subwords) {
            return fitted(
                    subwords,
                    Stream.of(List.of(Vocabulary.UNKNOWN), special, subwords.vocabulary())
                            .flatMap(List::stream)
                            .toList());
        }
    }

    /** @param vectors null for none */
    private Text(Reading reading, Subwords subwords, Vocabulary vocabulary, PretrainedVectors vectors) {
        this.reading = reading;
        this.subwords = subwords;
        this.vocabulary = vocabulary;
        this.vectors = vectors;
    }

    /**
     * A column as it is cut by a tokenizer.
     *
     * @param atMost most tokens of the vocabulary, {@link Vocabulary#UNKNOWN} counted
     * @param atLeast how often a token has to be among the training rows; of subwords, a character or pair
     */
    public static Text column(String column, Tokenizer tokenizer, int atMost, int atLeast) {
        Reading reading = new Reading(
                column, column, tokenizer, atMost, atLeast, Letters.AS_WRITTEN, List.of(), false, Integer.MAX_VALUE);
        return new Text(reading, null, null, null);
    }

    /** All tokens in lower case. */
    public Text lowerCased() {
        return read(reading.read(reading.name, Letters.LOWER, reading.special, reading.ended, reading.longest));
    }

    /** Of each token its {@link WordShape} alone. */
    public Text shapes() {
        return read(reading.read(reading.name, Letters.SHAPE, reading.special, reading.ended, reading.longest));
    }

    /** Another name than the column's, for networks whose inputs have names of their own. */
    public Text named(String name) {
        return read(reading.read(name, reading.letters, reading.special, reading.ended, reading.longest));
    }

    /** Tokens that always have the ids from 1 on and are in no text, such as those that begin and end one. */
    public Text special(String... tokens) {
        return read(reading.read(reading.name, reading.letters, List.of(tokens), reading.ended, reading.longest));
    }

    /** Each row ends with the last special token, so that none is empty. */
    public Text ended() {
        return read(reading.read(reading.name, reading.letters, reading.special, true, reading.longest));
    }

    /** Of a row of more tokens the beginning is read, before what ends it. */
    public Text longest(int tokens) {
        return read(reading.read(reading.name, reading.letters, reading.special, reading.ended, tokens));
    }

    private Text read(Reading changed) {
        return new Text(changed, null, null, vectors);
    }

    /**
     * Takes first vectors of tokens from a file; before it is fitted. The vocabulary is then the tokens as without, further ones of the
     * training rows that have a vector, however rare, and further ones of the file in its order, as far as there is room: they may be met
     * later.
     */
    public Text vectors(PretrainedVectors pretrained) {
        return new Text(reading, subwords, vocabulary, pretrained);
    }

    /** The first vector of a token by its id, null where there is none; empty without {@link #vectors}. */
    public Optional<IntFunction<float[]>> firstVectors() {
        return vectors == null ? Optional.empty() : Optional.of(id -> vectors.vector(vocabulary(), id));
    }

    @Override
    public void requireUnchanged() throws IOException {
        if (vectors != null) {
            vectors.requireUnchanged();
        }
    }

    @Override
    public String name() {
        return reading.name;
    }

    /** The column that is read. */
    String column() {
        return reading.column;
    }

    /** Whether tokens are in lower case. */
    boolean isLowerCased() {
        return reading.letters == Letters.LOWER || reading.tokenizer == Tokenizer.WORDS;
    }

    /** {@inheritDoc} In composed form, and in lower case where tokens are. */
    @Override
    public List<String> texts(Rows rows) {
        return rows.text(reading.column).stream().map(this::read).toList();
    }

    private String read(String text) {
        String composed = Normalizer.normalize(text, Normalizer.Form.NFC);
        if (reading.letters == Letters.SHAPE) {
            return WordShape.of(composed);
        }
        return isLowerCased() ? composed.toLowerCase(Locale.ROOT) : composed;
    }

    /** The tokens of each row; subwords once it is fitted. */
    @Override
    public List<List<String>> tokens(Rows rows) {
        return texts(rows).stream().map(this::split).toList();
    }

    /** The tokens of a text of its own; subwords once it is fitted. */
    public List<String> tokens(String text) {
        return split(read(text));
    }

    private List<String> split(String text) {
        return subwords == null ? reading.tokenizer.tokens(text) : subwords.tokens(text);
    }

    /** The ids of the tokens of each row, and of what ends it. */
    public int[][] ids(Rows rows) {
        return tokens(rows).stream().map(this::ids).toArray(int[][]::new);
    }

    private int[] ids(List<String> tokens) {
        int count = Math.min(tokens.size(), reading.longest);
        int[] ids = new int[count + (reading.ended ? 1 : 0)];
        Arrays.fill(ids, reading.special.size());
        for (int i = 0; i < count; i++) {
            ids[i] = id(tokens.get(i));
        }
        return ids;
    }

    /** The id of a token of a text; 0 if it is not known. */
    public int id(String token) {
        int id = vocabulary().id(token);
        return id <= reading.special.size() ? 0 : id;
    }

    /** Tokens as a text. */
    public String text(List<String> tokens) {
        return reading.tokenizer.text(tokens);
    }

    /** The tokens and their ids. */
    public Vocabulary vocabulary() {
        if (vocabulary == null) {
            throw new IllegalStateException("field '" + name() + "': fit it before rows are encoded");
        }
        return vocabulary;
    }

    @Override
    public Text fit(Rows training) {
        Text fitted = reading.tokenizer == Tokenizer.SUBWORDS ? fitSubwords(training) : fitTokens(training);
        if (fitted.vocabulary().size() == 1 + reading.special.size()) {
            throw new IllegalArgumentException(training.table().source() + ", column '" + reading.column
                    + "': expected texts in the rows to train on, got none with a token that is there "
                    + reading.atLeast + (reading.atLeast == 1 ? " time" : " times"));
        }
        return fitted;
    }

    private Text fitTokens(Rows training) {
        List<List<String>> texts =
                texts(training).stream().map(reading.tokenizer::tokens).toList();
        String[] special = reading.special.toArray(String[]::new);
        Vocabulary known = Vocabulary.fit(texts, reading.atMost, reading.atLeast, special);
        if (vectors == null) {
            return new Text(reading, null, known, null);
        }
        Set<String> trained = texts.stream().flatMap(List::stream).collect(Collectors.toCollection(LinkedHashSet::new));
        PretrainedVectors fitted = vectors.fit(this::tokens, known, trained, reading.atMost);
        return new Text(reading, null, fitted.extended(known, reading.atMost), fitted);
    }

    private Text fitSubwords(Rows training) {
        int most = reading.atMost - 1 - reading.special.size();
        return reading.fitted(Subwords.fit(texts(training), Math.max(1, most), reading.atLeast));
    }

    @Override
    public Column encode(Rows rows) {
        return Column.tokens(Dataset.INPUT, ids(rows));
    }

    /** Tells of rows that are longer than is read. */
    @Override
    public String warning(Rows rows) {
        // A token has a character, so that texts of few need not be cut.
        long longer = texts(rows).stream()
                .filter(text -> text.length() > reading.longest && split(text).size() > reading.longest)
                .count();
        return longer == 0
                ? ""
                : longer + (longer == 1 ? " text is" : " texts are") + " longer than " + reading.longest
                        + " tokens; the network reads the beginning";
    }

    @Override
    public String summary() {
        String kind = reading.letters == Letters.SHAPE
                ? SHAPES
                : reading.tokenizer == Tokenizer.SPACES ? TOKENS : reading.tokenizer.label();
        String pretrained = vectors == null ? "" : ", " + vectors.summary();
        return vocabulary == null ? "" : "vocabulary of " + vocabulary.size() + " " + kind + pretrained;
    }

    @Override
    public JsonObject state() {
        JsonObject state = new JsonObject();
        if (subwords == null) {
            state.add(TOKENS, array(vocabulary().tokens()));
        } else {
            state.add(CHARACTERS, array(subwords.characters()));
            state.add(MERGES, array(subwords.merges()));
        }
        if (vectors != null) {
            state.add(VECTORS, vectors.state());
        }
        return state;
    }

    private static JsonArray array(List<String> texts) {
        JsonArray array = new JsonArray();
        texts.forEach(array::add);
        return array;
    }

    @Override
    public Text restored(JsonFields state) {
        String field = reading.tokenizer == Tokenizer.SUBWORDS ? MERGES : TOKENS;
        List<String> saved = state.textList(field);
        try {
            return reading.tokenizer == Tokenizer.SUBWORDS
                    ? reading.fitted(Subwords.of(state.textList(CHARACTERS), saved))
                    : restored(saved, vectors == null ? null : vectors.restored(state.fields(VECTORS)));
        } catch (IllegalArgumentException e) {
            throw state.wrong(field, e.getMessage(), e);
        }
    }

    private Text restored(List<String> tokens, PretrainedVectors pretrained) {
        List<String> first =
                tokens.subList(Math.min(tokens.size(), 1), Math.min(tokens.size(), 1 + reading.special.size()));
        if (!first.equals(reading.special)) {
            throw new IllegalArgumentException("expected " + reading.special + " as the first, got " + first);
        }
        return new Text(reading, null, Vocabulary.of(tokens), pretrained);
    }
}
