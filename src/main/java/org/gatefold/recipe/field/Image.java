package org.gatefold.recipe.field;

import com.google.gson.JsonObject;
import java.util.List;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.data.table.Table;
import org.gatefold.file.JsonFields;

/**
 * Columns of pixels, row of the image by row of the image, each a whole number from 0; a model reads the rows of the image
 * as steps of a sequence, scaled to 1. Nothing is fitted.
 */
public final class Image implements Field {
    /** Where a further version of an image stands: to the right and down. */
    private static final int[][] SHIFTS = {{0, 0}, {-1, 0}, {1, 0}, {0, -1}, {0, 1}};

    private final int height;
    private final int width;
    private final int most;
    private final boolean shifted;

    private Image(int height, int width, int most, boolean shifted) {
        this.height = height;
        this.width = width;
        this.most = most;
        this.shifted = shifted;
    }

    /**
     * The first columns of a table.
     *
     * @param most the value of a pixel that becomes 1
     */
    public static Image of(int height, int width, int most) {
        return new Image(height, width, most, false);
    }

    /** Whether training also shows every image moved by one pixel to the left, to the right, up and down. */
    public Image shifted(boolean value) {
        return new Image(height, width, most, value);
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
        return sequences(pixels(rows), 1);
    }

    @Override
    public Column augment(Rows rows) {
        return sequences(pixels(rows), shifted ? SHIFTS.length : 1);
    }

    private Column sequences(float[][] images, int versions) {
        float[][][] sequences = new float[versions * images.length][][];
        for (int i = 0; i < sequences.length; i++) {
            sequences[i] = moved(images[i % images.length], SHIFTS[i / images.length]);
        }
        return Column.sequences(Dataset.INPUT, sequences);
    }

    private float[][] moved(float[] image, int... shift) {
        float[][] moved = new float[height][width];
        for (int row = 0; row < height; row++) {
            for (int column = 0; column < width; column++) {
                int fromRow = row - shift[1];
                int fromColumn = column - shift[0];
                if (fromRow >= 0 && fromRow < height && fromColumn >= 0 && fromColumn < width) {
                    moved[row][column] = image[fromRow * width + fromColumn];
                }
            }
        }
        return moved;
    }

    private float[][] pixels(Rows rows) {
        Table table = rows.table();
        List<String> names = table.names();
        if (names.size() < height * width) {
            throw new IllegalArgumentException(table.source() + ": expected " + height * width
                    + " columns of pixels or more, got " + names.size());
        }
        float[][] pixels = new float[rows.size()][height * width];
        for (int column = 0; column < height * width; column++) {
            double[] values = rows.numbers(names.get(column));
            for (int i = 0; i < values.length; i++) {
                if (values[i] < 0 || values[i] > most || values[i] != Math.rint(values[i])) {
                    throw new IllegalArgumentException(rows.where(i, names.get(column))
                            + ": expected a whole number 0 to " + most + ", got " + values[i]);
                }
                pixels[i][column] = (float) (values[i] / most);
            }
        }
        return pixels;
    }

    @Override
    public String summary() {
        return shifted ? "each image also moved by one pixel to each side" : "";
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
