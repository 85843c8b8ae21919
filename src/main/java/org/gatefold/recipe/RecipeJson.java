package org.gatefold.recipe;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.gatefold.data.TransformChain;

/** How recipes write their options and results as JSON. Stateless. */
public final class RecipeJson {
    private static final Gson GSON = new GsonBuilder()
            .disableHtmlEscaping()
            .setPrettyPrinting()
            .registerTypeAdapter(TransformChain.class, new TransformChainAdapter())
            .create();

    private RecipeJson() {}

    /** A value as indented JSON. */
    public static String write(Object value) {
        return GSON.toJson(value);
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @param where names the text in messages
     * @throws IllegalArgumentException if it is no JSON of that type
     */
    public static <V> V read(String where, String text, Class<V> type) {
        V value;
        try {
            value = GSON.fromJson(text, type);
        } catch (JsonParseException e) {
            throw new IllegalArgumentException(where + ": is damaged: " + firstLine(e), e);
        } catch (IllegalArgumentException | NullPointerException e) {
            throw new IllegalArgumentException(where + ": holds an impossible value: " + firstLine(e), e);
        }
        if (value == null) {
            throw new IllegalArgumentException(where + ": is empty");
        }
        return value;
    }

    private static String firstLine(Exception e) {
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return message.lines().findFirst().orElse("");
    }

    private static final class TransformChainAdapter extends TypeAdapter<TransformChain> {
        @Override
        public void write(JsonWriter out, TransformChain chain) throws IOException {
            out.beginArray();
            for (String label : chain.labels()) {
                out.value(label);
            }
            out.endArray();
        }

        @Override
        public TransformChain read(JsonReader in) throws IOException {
            List<String> labels = new ArrayList<>();
            in.beginArray();
            while (in.hasNext()) {
                labels.add(in.nextString());
            }
            in.endArray();
            return TransformChain.parse(labels);
        }
    }
}
