package org.gatefold.data.image;

/**
 * What was said of the images that others are brought to; 0 stands for what was not. Immutable.
 *
 * @param channels 1 or 3
 */
public record ImageWish(int channels, int height, int width) {
    /** Nothing was said. */
    public static final ImageWish NONE = new ImageWish(0, 0, 0);

    /** @throws IllegalArgumentException if no image can be so */
    public ImageWish {
        ImageSize.requireChannels(channels);
        ImageSize.requireSize(height, width);
    }

    /** The same with other channels. */
    public ImageWish channels(int count) {
        return new ImageWish(count, height, width);
    }

    /** The same with another size. */
    public ImageWish size(int rows, int columns) {
        return new ImageWish(channels, rows, columns);
    }

    /** What images are brought to, of which this is the first. */
    public ImageSize of(RasterImage first) {
        return new ImageSize(first, channels, height, width);
    }
}
