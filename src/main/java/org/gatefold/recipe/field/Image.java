package org.gatefold.recipe.field;

import com.google.gson.JsonObject;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.data.image.ImageTable;
import org.gatefold.file.JsonFields;

/** The images of an {@link ImageTable}, {@code [B, channels, height, width]}, 0 for black to 1. Nothing is fitted. */
public final class Image implements Field {
    private final int channels;
    private final int height;
    private final int width;

    private Image(int channels, int height, int width) {
        this.channels = channels;
        this.height = height;
        this.width = width;
    }

    /** Images of a size. */
    public static Image of(int channels, int height, int width) {
        return new Image(channels, height, width);
    }

    /** 1 for grey, 3 for red, green and blue. */
    public int channels() {
        return channels;
    }

    /** Rows of pixels. */
    public int height() {
        return height;
    }

    /** Pixels of a row. */
    public int width() {
        return width;
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
        if (!(rows.table() instanceof ImageTable images)) {
            throw new IllegalArgumentException(rows.table().source() + ": expected images, got another table");
        }
        if (images.channels() != channels || images.height() != height || images.width() != width) {
            throw new IllegalArgumentException(images.source() + ": expected images of " + size(channels, height, width)
                    + ", got " + size(images.channels(), images.height(), images.width()));
        }
        float[][] pixels = new float[rows.size()][];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = images.pixels(rows.index(i));
        }
        return Column.rows(Dataset.INPUT, pixels, channels, height, width);
    }

    /** Rows, columns and colour, for messages. */
    static String size(int channels, int height, int width) {
        return height + "x" + width + (channels == 1 ? " in grey" : " in colour");
    }

    @Override
    public String summary() {
        return "images of " + size(channels, height, width);
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
