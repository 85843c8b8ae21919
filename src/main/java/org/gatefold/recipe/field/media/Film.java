package org.gatefold.recipe.field.media;

import com.google.gson.JsonObject;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.data.image.ImageSize;
import org.gatefold.data.video.FilmTable;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.field.Field;
import org.gatefold.recipe.field.Rows;

/**
 * The films of a {@link FilmTable}: sequences of frames {@code [T, B, channels, height, width]}, 0 for black to 1. Nothing is fitted.
 */
public final class Film implements Field {
    private final ImageSize size;

    private Film(ImageSize size) {
        this.size = size;
    }

    /** Films of frames of a size. */
    public static Film of(ImageSize size) {
        return new Film(size);
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
        size.requireOf(films, "frames");
        float[][][] frames = new float[rows.size()][][];
        for (int i = 0; i < frames.length; i++) {
            frames[i] = films.frames(rows.index(i));
        }
        return Column.sequences(Dataset.INPUT, frames, size.channels(), size.height(), size.width());
    }

    @Override
    public String summary() {
        return "frames of " + size.words();
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
