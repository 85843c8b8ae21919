package org.gatefold.spark.column;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.gatefold.data.text.Tokenizer;
import org.gatefold.file.FileException;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;

/**
 * What columns of texts and classes mean to a model, as its file keeps it. Immutable as long as nobody writes classes.
 *
 * @param words how texts are read; null if the input is no text
 * @param classes the names of what is learnt, in the order of outputs; empty if these are classes without names; null if these are none
 */
public record TextColumns(Words words, ArrayList<String> classes) implements Serializable {
    private static final long serialVersionUID = 1L;

    private static final String NAME = "columns";
    private static final String TOKENIZER = "tokenizer";
    private static final String CLASSES = "classes";

    /** {@code null} for what there is not. */
    public static TextColumns of(Words words, List<String> classes) {
        return new TextColumns(words, classes == null ? null : new ArrayList<>(classes));
    }

    /** What is added to a model's file. */
    public Map<String, String> metadata() {
        JsonObject json = words == null ? new JsonObject() : words.state();
        if (words != null) {
            json.addProperty(TOKENIZER, words.tokenizerName());
        }
        if (classes != null) {
            JsonArray names = new JsonArray();
            classes.forEach(names::add);
            json.add(CLASSES, names);
        }
        return json.isEmpty() ? Map.of() : Map.of(NAME, Json.compact(json));
    }

    /**
     * What {@link #metadata} gave.
     *
     * @throws FileException naming what is damaged
     */
    public static TextColumns of(Map<String, String> metadata) {
        if (!metadata.containsKey(NAME)) {
            return new TextColumns(null, null);
        }
        JsonFields saved = JsonFields.parse("model", metadata.get(NAME));
        return of(saved.has(TOKENIZER) ? words(saved) : null, saved.has(CLASSES) ? saved.textList(CLASSES) : null);
    }

    private static Words words(JsonFields saved) {
        Tokenizer tokenizer;
        try {
            tokenizer = Words.tokenizer(saved.text(TOKENIZER));
        } catch (IllegalArgumentException e) {
            throw saved.wrong(TOKENIZER, e.getMessage(), e);
        }
        return Words.restored(tokenizer, saved);
    }
}
