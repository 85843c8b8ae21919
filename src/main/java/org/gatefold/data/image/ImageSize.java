package org.gatefold.data.image;

/**
 * What images are brought to. Immutable.
 *
 * @param channels 1 or 3
 */
public record ImageSize(int channels, int height, int width) {
    /**
     * What was said, and of what was not, what a first image has, though not more than {@link ImageTableReader#MOST_SIDE} to a side.
     *
     * @param channels 0 for not said
     * @param height 0 for not said
     * @param width 0 for not said
     */
    public ImageSize(RasterImage first, int channels, int height, int width) {
        this(
                channels == 0 ? first.channels() : channels,
                height == 0 ? side(first, first.height()) : height,
                width == 0 ? side(first, first.width()) : width);
    }

    private static int side(RasterImage image, int side) {
        int longer = Math.max(image.height(), image.width());
        return longer <= ImageTableReader.MOST_SIDE
                ? side
                : (int) Math.max(1, Math.round((double) side * ImageTableReader.MOST_SIDE / longer));
    }

    /** An image brought to this, each of its numbers as the nearest byte, 0 for black to 255. */
    public byte[] bytes(RasterImage image) {
        return ImageTable.bytes(of(image));
    }

    RasterImage of(RasterImage image) {
        RasterImage coloured = channels == 1 ? image.grey() : image.colour();
        return image.height() == height && image.width() == width ? coloured : coloured.resized(height, width);
    }
}
