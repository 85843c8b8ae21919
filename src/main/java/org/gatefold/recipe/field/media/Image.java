package org.gatefold.recipe.field.media;

import com.google.gson.JsonObject;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.data.image.ImageSize;
import org.gatefold.data.image.ImageTable;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.field.Field;
import org.gatefold.recipe.field.Rows;

/** The images of an {@link ImageTable}, {@code [B, channels, height, width]}, 0 for black to 1. Nothing is fitted. */
public final class Image implements Field {
    private final ImageSize size;

    private Image(ImageSize size) {
        this.size = size;
    }

    /** Images of a size. */
    public static Image of(ImageSize size) {
        return new Image(size);
    }

    /** What images have. */
    public ImageSize size() {
        return size;
    }

    @Override
    public String name() {
        return "image";
    }

    @Override
    public Image fit(Rows training) {
        return this;
    }

    @Override
    public Column encode(Rows rows) {
        ImageTable images = ImageTable.of(rows.table());
        size.requireOf(images, "images");
        float[][] pixels = new float[rows.size()][];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = images.pixels(rows.index(i));
        }
        return Column.rows(Dataset.INPUT, pixels, size.channels(), size.height(), size.width());
    }

    @Override
    public String summary() {
        return "images of " + size.words();
    }

    @Override
    public JsonObject state() {
        return new JsonObject();
    }

    @Override
    public Image restored(JsonFields state) {
        return this;
    }
}
