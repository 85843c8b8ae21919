package org.gatefold.recipe.field.picture;

import java.util.List;

/**
 * Images of one size with words below each, to be drawn side by side.
 *
 * @param file of the picture, without its ending
 * @param title over the picture
 * @param channels 1 or 3
 * @param height of each image
 * @param width of each image
 * @param tiles at least one
 */
public record Tiles(String file, String title, int channels, int height, int width, List<Tile> tiles)
        implements Picture {
    /**
     * An image.
     *
     * @param words below it
     * @param pixels {@code [channels, height, width]}, 0 for black to 1
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Tile(String words, float[] pixels) {}
}
