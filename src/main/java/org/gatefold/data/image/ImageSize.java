package org.gatefold.data.image;

/**
 * The channels, rows and columns of images, and what others are brought to. Immutable.
 *
 * @param channels 1 or 3
 */
public record ImageSize(int channels, int height, int width) {
    static final float MOST = 255;

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

    /** @throws IllegalArgumentException if images cannot have so many channels; 0 stands for not said */
    public static void requireChannels(int count) {
        if (count != 0 && count != 1 && count != 3) {
            throw new IllegalArgumentException("channels: expected 1 or 3, got " + count);
        }
    }

    /** @throws IllegalArgumentException if images cannot have that size; 0 by 0 stands for not said */
    public static void requireSize(int rows, int columns) {
        if (rows < 0 || columns < 0 || (rows == 0) != (columns == 0)) {
            throw new IllegalArgumentException("size: expected at least 1 by 1 pixels, got " + rows + " by " + columns);
        }
    }

    /** Bytes of an image. */
    public int bytes() {
        return channels * height * width;
    }

    /** An image brought to this, each of its numbers as the nearest byte, 0 for black to 255. */
    public byte[] bytes(RasterImage image) {
        float[] values = of(image).values();
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) Math.round(Math.max(0, Math.min(1, values[i])) * MOST);
        }
        return bytes;
    }

    /**
     * Checks that pictures have this size.
     *
     * @param what they are, for messages
     * @throws IllegalArgumentException if they have another
     */
    public void requireOf(PictureTable pictures, String what) {
        if (!pictures.size().equals(this)) {
            throw new IllegalArgumentException(pictures.source() + ": expected " + what + " of " + words() + ", got "
                    + pictures.size().words());
        }
    }

    /** Rows, columns and colour, for people. */
    public String words() {
        return height + "x" + width + (channels == 1 ? " in grey" : " in colour");
    }

    private RasterImage of(RasterImage image) {
        RasterImage coloured = channels == 1 ? image.grey() : image.colour();
        return image.height() == height && image.width() == width ? coloured : coloured.resized(height, width);
    }
}
