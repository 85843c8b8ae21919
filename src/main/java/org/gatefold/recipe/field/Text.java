package org.gatefold.recipe.field;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Locale;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.data.text.Tokenizer;
import org.gatefold.data.text.Vocabulary;
import org.gatefold.file.JsonFields;

/** A column of texts, read as the ids of their tokens. The vocabulary is that of the training rows, the most frequent tokens first. */
public final class Text implements Field {
    private static final String TOKENS = "tokens";

    private final String column;
    private final Tokenizer tokenizer;
    private final int atMost;
    private final int atLeast;
    private final boolean lowerCased;
    private final Vocabulary vocabulary;

    private Text(
            String column, Tokenizer tokenizer, int atMost, int atLeast, boolean lowerCased, Vocabulary vocabulary) {
        this.column = column;
        this.tokenizer = tokenizer;
        this.atMost = atMost;
        this.atLeast = atLeast;
        this.lowerCased = lowerCased;
        this.vocabulary = vocabulary;
    }

    /**
     * A column as it is cut by a tokenizer.
     *
     * @param atMost most tokens of the vocabulary, {@link Vocabulary#UNKNOWN} counted
     * @param atLeast how often a token has to be among the training rows
     */
    public static Text column(String column, Tokenizer tokenizer, int atMost, int atLeast) {
        return new Text(column, tokenizer, atMost, atLeast, false, null);
    }

    /** All tokens in lower case. */
    public Text lowerCased() {
        return new Text(column, tokenizer, atMost, atLeast, true, vocabulary);
    }

    @Override
    public String name() {
        return column;
    }

    /** The tokens of each row. */
    List<List<String>> tokens(Rows rows) {
        return rows.text(column).stream()
                .map(text -> tokenizer.tokens(lowerCased ? text.toLowerCase(Locale.ROOT) : text))
                .toList();
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
        Vocabulary fitted = Vocabulary.fit(tokens(training), atMost, atLeast);
        if (fitted.size() == 1) {
            throw new IllegalArgumentException(training.table().source() + ", column '" + column
                    + "': expected texts in the rows to train on, got none with a token that is there " + atLeast
                    + (atLeast == 1 ? " time" : " times"));
        }
        return new Text(column, tokenizer, atMost, atLeast, lowerCased, fitted);
    }

    @Override
    public Column encode(Rows rows) {
        return Column.tokens(
                Dataset.INPUT, tokens(rows).stream().map(vocabulary()::ids).toArray(int[][]::new));
    }

    @Override
    public String summary() {
        String kind = tokenizer == Tokenizer.SPACES ? TOKENS : tokenizer.label();
        return vocabulary == null ? "" : "vocabulary of " + vocabulary.size() + " " + kind;
    }

    @Override
    public JsonObject state() {
        JsonArray tokens = new JsonArray();
        vocabulary().tokens().forEach(tokens::add);
        JsonObject state = new JsonObject();
        state.add(TOKENS, tokens);
        return state;
    }

    @Override
    public Text restored(JsonFields state) {
        try {
            return new Text(column, tokenizer, atMost, atLeast, lowerCased, Vocabulary.of(state.textList(TOKENS)));
        } catch (IllegalArgumentException e) {
            throw state.wrong(TOKENS, e.getMessage(), e);
        }
    }
}
