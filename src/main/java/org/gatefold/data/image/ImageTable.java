package org.gatefold.data.image;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.data.table.Table;

/** Images of one size, one to a row of the column {@code image}. Immutable and thread-safe. */
public final class ImageTable extends PictureTable {
    private static final double WHITE = 255;

    private final double white;

    /**
     * Takes images, one of each entry.
     *
     * @throws IllegalArgumentException if there is none, or if one has another number of bytes
     */
    public ImageTable(String source, ImageSize size, List<Entry> entries) {
        this(source, size, entries, WHITE);
    }

    /** @param white the number that was white where they were read */
    ImageTable(String source, ImageSize size, List<Entry> entries, double white) {
        super(source, "image", size, entries);
        this.white = white;
    }

    /**
     * A table as images.
     *
     * @throws IllegalArgumentException if it holds others than images
     */
    public static ImageTable of(Table table) {
        if (table instanceof ImageTable images) {
            return images;
        }
        throw new IllegalArgumentException(table.source() + ": expected images, got "
                + (table instanceof ImageLabels ? "the labels of some" : "another table"));
    }

    /** The entry of an image. */
    static Entry entry(String name, String where, String label, byte... pixels) {
        return new Entry(name, where, label, List.of(pixels));
    }

    /**
     * These images with classes that stand in another table.
     *
     * @param labels as many rows, in the same order, of a column {@link #LABEL}
     * @throws IllegalArgumentException if there are more or fewer
     */
    public ImageTable with(Table labels) {
        List<String> classes = labels.text(LABEL);
        if (classes.size() != rows()) {
            throw new IllegalArgumentException(labels.source() + ": expected a label for each of the " + rows()
                    + " images of " + source() + ", got " + classes.size());
        }
        List<Entry> labelled = new ArrayList<>(rows());
        for (int row = 0; row < rows(); row++) {
            labelled.add(entries().get(row).with(classes.get(row)));
        }
        return new ImageTable(source(), size(), labelled, white);
    }

    /** The number that was white where they were read: 255 but of tables. */
    public double white() {
        return white;
    }

    /** An image as numbers: {@code [channels, height, width]}, 0 for black to 1. */
    public float[] pixels(int row) {
        return numbers(row)[0];
    }
}
