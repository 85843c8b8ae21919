package org.gatefold.recipe.field;

import com.google.gson.JsonObject;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.data.video.FilmTable;
import org.gatefold.file.JsonFields;

/**
 * The films of a {@link FilmTable}: sequences of frames {@code [T, B, channels, height, width]}, 0 for black to 1. Nothing is fitted.
 */
public final class Film implements Field {
    private final int channels;
    private final int height;
    private final int width;

    private Film(int channels, int height, int width) {
        this.channels = channels;
        this.height = height;
        this.width = width;
    }

    /** Films of frames of a size. */
    public static Film of(int channels, int height, int width) {
        return new Film(channels, height, width);
    }

    @Override
    public String name() {
        return "film";
    }

    @Override
    public Film fit(Rows training) {
        return this;
    }

    @Override
    public Column encode(Rows rows) {
        if (!(rows.table() instanceof FilmTable films)) {
            throw new IllegalArgumentException(rows.table().source() + ": expected films, got another table");
        }
        if (films.channels() != channels || films.height() != height || films.width() != width) {
            throw new IllegalArgumentException(films.source() + ": expected frames of "
                    + Image.size(channels, height, width) + ", got "
                    + Image.size(films.channels(), films.height(), films.width()));
        }
        float[][][] frames = new float[rows.size()][][];
        for (int i = 0; i < frames.length; i++) {
            frames[i] = films.frames(rows.index(i));
        }
        return Column.sequences(Dataset.INPUT, frames, channels, height, width);
    }

    @Override
    public String summary() {
        return "frames of " + Image.size(channels, height, width);
    }

    @Override
    public JsonObject state() {
        return new JsonObject();
    }

    @Override
    public Film restored(JsonFields state) {
        return this;
    }
}
