package org.gatefold.data.video;

import java.util.List;
import org.gatefold.data.image.ImageSize;
import org.gatefold.data.image.PictureTable;

/** Films whose frames have one size, one to a row of the column {@code film}, each with as many frames as it has. Immutable and thread-safe. */
public final class FilmTable extends PictureTable {
    /**
     * Takes films, whose frames are the pictures of each entry.
     *
     * @throws IllegalArgumentException if there is none, or if a frame has another number of bytes
     */
    public FilmTable(String source, ImageSize size, List<Entry> entries) {
        super(source, "film", size, entries);
    }

    /** A film as numbers, {@code [frame][element]}: frames {@code [channels, height, width]}, 0 for black to 1. */
    public float[][] frames(int row) {
        return numbers(row);
    }
}
