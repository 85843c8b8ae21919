package org.gatefold.data.image;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.gatefold.file.DataStream;
import org.gatefold.tensor.Shape;

/**
 * An image as numbers: {@code [channels, height, width]}, 0 for black to 1, in sRGB as the file holds them. Immutable as long
 * as nobody writes its array.
 *
 * <p>Reads what Java's ImageIO does (PNG, JPEG, GIF, BMP, and WebP if com.twelvemonkeys.imageio:imageio-webp is on the class path)
 * without a file in the temporary folder: the first image of a file, as it is stored (an EXIF orientation turns nothing) and without
 * its transparency. An image of more pixels than a 64th of the bytes of the largest Java heap is refused before it is decoded.
 */
public final class RasterImage {
    /** Decoding takes up to 8 bytes a pixel, and the numbers 12: all together a third of the heap. */
    private static final int BYTES_OF_HEAP = 64;

    /** Bytes of JPEG: what begins a marker, and the markers at both ends. */
    private static final byte MARKER = (byte) 0xff;

    private static final byte IMAGE_START = (byte) 0xd8;
    private static final byte IMAGE_END = (byte) 0xd9;

    /** Bytes of the container and of its kind. */
    private static final int WEBP_HEADER = 12;

    /** Weights of red, green and blue in grey (ITU-R BT.601), as in Pillow and torchvision. */
    private static final float[] GREY = {0.299f, 0.587f, 0.114f};

    private final int channels;
    private final int height;
    private final int width;
    private final float[] values;

    /**
     * Takes numbers, which are not copied.
     *
     * @param channels 1 for grey, 3 for red, green and blue
     * @param height rows of pixels, the topmost first
     * @param width pixels of a row, the leftmost first
     * @param values {@code [channels, height, width]}, the last dimension contiguous
     */
    public RasterImage(int channels, int height, int width, float[] values) {
        if (channels != 1 && channels != 3) {
            throw new IllegalArgumentException("channels: expected 1 or 3, got " + channels);
        }
        requireSize(height, width);
        requireCountable(channels, height, width);
        int size = channels * height * width;
        if (values.length != size) {
            throw new IllegalArgumentException("values: expected " + size + ", got " + values.length);
        }
        this.channels = channels;
        this.height = height;
        this.width = width;
        this.values = values;
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

    /** {@code [channels, height, width]}, 0 to 1; not copied. */
    public float[] values() {
        return values;
    }

    private static void requireSize(int height, int width) {
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException("size: expected at least 1 by 1 pixels, got " + height + " by " + width);
        }
    }

    /**
     * Reads a file.
     *
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if it is no image that Java reads, is damaged, cut off or too large
     * @throws IllegalStateException if it is WebP, and the library for that is not on the class path
     */
    public static RasterImage read(Path file) throws IOException {
        return read(DataStream.of(file, 0));
    }

    /** Reads a stream, which {@code source} names in messages; closes it. As {@link #read(Path)} else. */
    public static RasterImage read(String source, InputStream stream) throws IOException {
        return read(DataStream.of(source, stream, 0));
    }

    private static RasterImage read(DataStream stream) throws IOException {
        byte[] bytes;
        try (stream) {
            bytes = stream.readAllBytes();
        }
        if (isCutOffJpeg(bytes)) {
            throw new IllegalArgumentException(stream.source() + ": is no sound image: the end of the JPEG is missing");
        }
        try (ImageInputStream input = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(input);
            if (!readers.hasNext()) {
                requireReaderOfWebp(stream.source(), bytes);
                throw new IllegalArgumentException("expected an image in PNG, JPEG, GIF or BMP");
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(input, true, true);
                return decode(reader);
            } finally {
                reader.dispose();
            }
        } catch (MissingReaderException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // The bytes are all here: whatever a decoder complains of, or falls over, is in them.
            throw new IllegalArgumentException(
                    stream.source() + ": is no sound image: "
                            + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()),
                    e);
        }
    }

    /** Nothing is wrong with an image that only a library can read. */
    private static void requireReaderOfWebp(String source, byte... bytes) {
        String first = new String(bytes, 0, Math.min(bytes.length, WEBP_HEADER), StandardCharsets.ISO_8859_1);
        if (first.startsWith("RIFF") && first.endsWith("WEBP")) {
            throw new MissingReaderException(
                    source
                            + ": expected a library to decode WebP, com.twelvemonkeys.imageio:imageio-webp on the class path, got none");
        }
    }

    /** That a library is not on the class path. */
    private static final class MissingReaderException extends IllegalStateException {
        private static final long serialVersionUID = 1;

        MissingReaderException(String message) {
            super(message);
        }
    }

    /**
     * True of a JPEG in which no end of an image is marked. It must not come to Java's reader: that warns of it from native code that
     * holds arrays, and if the collector is due just then, the whole JVM stands still (seen on JDK 17).
     */
    private static boolean isCutOffJpeg(byte... bytes) {
        if (bytes.length < 2 || bytes[0] != MARKER || bytes[1] != IMAGE_START) {
            return false;
        }
        for (int i = bytes.length - 2; i > 1; i--) {
            if (bytes[i] == MARKER && bytes[i + 1] == IMAGE_END) {
                return false;
            }
        }
        return true;
    }

    private static RasterImage decode(ImageReader reader) throws IOException {
        int width = reader.getWidth(0);
        int height = reader.getHeight(0);
        long most = Runtime.getRuntime().maxMemory() / BYTES_OF_HEAP;
        if ((long) width * height > most) {
            throw new IllegalArgumentException("expected at most " + most
                    + " pixels (a part of the Java heap: give it more), got " + height + " by " + width);
        }
        // Java's JPEG reader fills up what is cut off, and warns.
        List<String> warnings = new ArrayList<>();
        reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
        BufferedImage image = reader.read(0);
        for (String warning : warnings) {
            if (warning.contains("Truncated") || warning.contains("premature end")) {
                throw new IllegalArgumentException(warning);
            }
        }
        return of(image);
    }

    /** Takes samples as they are stored: Java's own conversion to RGB makes grey lighter. */
    private static RasterImage of(BufferedImage image) {
        ColorModel model = image.getColorModel();
        boolean indexed = model instanceof IndexColorModel;
        int channels = indexed ? 3 : model.getNumColorComponents();
        int height = image.getHeight();
        int width = image.getWidth();
        requireCountable(channels, height, width);
        float[] values = new float[channels * height * width];
        Raster raster = image.getRaster();
        float[] row = null;
        for (int y = 0; y < height; y++) {
            row = raster.getPixels(0, y, width, 1, row);
            for (int x = 0; x < width; x++) {
                int rgb = indexed ? model.getRGB((int) row[x]) : 0;
                for (int channel = 0; channel < channels; channel++) {
                    float value = indexed
                            ? (rgb >> (16 - 8 * channel) & 0xff) / 255f
                            : row[x * raster.getNumBands() + channel] / ((1 << model.getComponentSize(channel)) - 1);
                    values[(channel * height + y) * width + x] = value;
                }
            }
        }
        return new RasterImage(channels, height, width, values);
    }

    /** One channel: grey as it is, or red, green and blue weighted by how bright they look. */
    public RasterImage grey() {
        if (channels == 1) {
            return this;
        }
        int size = height * width;
        float[] grey = new float[size];
        for (int i = 0; i < size; i++) {
            for (int channel = 0; channel < channels; channel++) {
                grey[i] += GREY[channel] * values[channel * size + i];
            }
        }
        return new RasterImage(1, height, width, grey);
    }

    /** Three channels: colours as they are, or grey three times. */
    public RasterImage colour() {
        if (channels == 3) {
            return this;
        }
        int size = height * width;
        requireCountable(3, height, width);
        float[] colour = new float[3 * size];
        for (int channel = 0; channel < 3; channel++) {
            System.arraycopy(values, 0, colour, channel * size, size);
        }
        return new RasterImage(3, height, width, colour);
    }

    /**
     * Another size, by a triangle filter as wide as the pixels of the coarser image are: bilinear where it grows, without
     * aliases where it shrinks, as in Pillow and in PyTorch's interpolation with {@code antialias}.
     *
     * @throws IllegalArgumentException if a side is below 1, or if there would be more numbers than an array holds
     */
    public RasterImage resized(int newHeight, int newWidth) {
        requireSize(newHeight, newWidth);
        requireCountable(channels, height, newWidth);
        requireCountable(channels, newHeight, newWidth);
        float[] narrow = filtered(values, channels * height, width, 1, newWidth);
        float[] result = new float[channels * newHeight * newWidth];
        int plane = newHeight * newWidth;
        for (int channel = 0; channel < channels; channel++) {
            int from = channel * height * newWidth;
            float[] rows = Arrays.copyOfRange(narrow, from, from + height * newWidth);
            System.arraycopy(filtered(rows, 1, height, newWidth, newHeight), 0, result, channel * plane, plane);
        }
        return new RasterImage(channels, newHeight, newWidth, result);
    }

    private static void requireCountable(int channels, int height, int width) {
        Shape.requireProduct("channels x height x width", Integer.MAX_VALUE - 8, channels, height, width);
    }

    /** Filters the middle dimension of {@code [outer, size, inner]}. */
    private static float[] filtered(float[] values, int outer, int size, int inner, int newSize) {
        float[] result = new float[outer * newSize * inner];
        double scale = (double) size / newSize;
        double reach = Math.max(1, scale);
        for (int to = 0; to < newSize; to++) {
            double centre = (to + 0.5) * scale;
            int first = Math.max(0, (int) (centre - reach + 0.5));
            int end = Math.min(size, (int) (centre + reach + 0.5));
            double sum = 0;
            double[] weights = new double[end - first];
            for (int i = 0; i < weights.length; i++) {
                weights[i] = Math.max(0, 1 - Math.abs(first + i + 0.5 - centre) / reach);
                sum += weights[i];
            }
            for (int o = 0; o < outer; o++) {
                for (int n = 0; n < inner; n++) {
                    double value = 0;
                    for (int i = 0; i < weights.length; i++) {
                        value += weights[i] * values[(o * size + first + i) * inner + n];
                    }
                    result[(o * newSize + to) * inner + n] = (float) (value / sum);
                }
            }
        }
        return result;
    }
}
