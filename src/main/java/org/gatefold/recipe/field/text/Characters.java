package org.gatefold.recipe.field.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.List;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.data.text.TaggedTable;
import org.gatefold.data.text.Vocabulary;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.field.Field;
import org.gatefold.recipe.field.Rows;

/**
 * The characters of each word of a column, as ids of a vocabulary: {@link #PLACES} steps a word, one word after the other. The first
 * and the last place of a word are empty, so that a convolution over three steps never sees two words, and max-pooling over as many
 * steps as there are places gives one step a word. Of a longer word the beginning and the end are read.
 */
public final class Characters implements Field {
    /** Steps of a word: 16 characters between two empty places. */
    public static final int PLACES = 18;

    /** The id of an empty place. */
    public static final int EMPTY_ID = 1;

    private static final int MOST = PLACES - 2;
    private static final String CHARACTERS = "characters";

    private final String column;
    private final int atLeast;
    private final Vocabulary vocabulary;

    private Characters(String column, int atLeast, Vocabulary vocabulary) {
        this.column = column;
        this.atLeast = atLeast;
        this.vocabulary = vocabulary;
    }

    /** A column of words with a blank between. */
    public static Characters column(String column) {
        return new Characters(column, 1, null);
    }

    /**
     * Knows characters that are so often in the words of the training rows; by default all. Where rarer ones are there, it is learnt what
     * an unknown one means.
     */
    public Characters atLeast(int count) {
        return new Characters(column, count, null);
    }

    @Override
    public String name() {
        return CHARACTERS;
    }

    /** The characters and their ids. */
    public Vocabulary vocabulary() {
        if (vocabulary == null) {
            throw new IllegalStateException("field '" + name() + "': fit it before rows are encoded");
        }
        return vocabulary;
    }

    @Override
    public Characters fit(Rows training) {
        List<List<String>> words = rowsOfWords(training).stream()
                .flatMap(List::stream)
                .map(word -> Arrays.asList(characters(word)))
                .toList();
        return new Characters(column, atLeast, Vocabulary.fit(words, Integer.MAX_VALUE, atLeast, ""));
    }

    private List<List<String>> rowsOfWords(Rows rows) {
        return rows.text(column).stream().map(TaggedTable::parts).toList();
    }

    private static String[] characters(String word) {
        return word.codePoints().mapToObj(Character::toString).toArray(String[]::new);
    }

    @Override
    public Column encode(Rows rows) {
        return Column.tokens(
                Dataset.INPUT, rowsOfWords(rows).stream().map(this::ids).toArray(int[][]::new));
    }

    private int[] ids(List<String> words) {
        int[] ids = new int[words.size() * PLACES];
        Arrays.fill(ids, EMPTY_ID);
        for (int i = 0; i < words.size(); i++) {
            String[] characters = characters(words.get(i));
            int count = Math.min(MOST, characters.length);
            for (int place = 0; place < count; place++) {
                // Of a word that is too long, what stands behind its middle comes from its end.
                int from = place < MOST / 2 ? place : characters.length - count + place;
                ids[i * PLACES + 1 + place] = vocabulary().id(characters[from]);
            }
        }
        return ids;
    }

    @Override
    public String summary() {
        return vocabulary == null ? "" : vocabulary.size() - 2 + " characters";
    }

    @Override
    public JsonObject state() {
        JsonArray characters = new JsonArray();
        vocabulary().tokens().forEach(characters::add);
        return Json.object(CHARACTERS, characters);
    }

    @Override
    public Characters restored(JsonFields state) {
        List<String> saved = state.textList(CHARACTERS);
        if (saved.size() <= EMPTY_ID || !saved.get(EMPTY_ID).isEmpty()) {
            throw state.wrong(CHARACTERS, "expected an empty text as the second, got " + saved, null);
        }
        try {
            return new Characters(column, atLeast, Vocabulary.of(saved));
        } catch (IllegalArgumentException e) {
            throw state.wrong(CHARACTERS, e.getMessage(), e);
        }
    }
}
