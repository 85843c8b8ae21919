package org.gatefold.data.image;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.gatefold.data.table.CsvFormat;
import org.gatefold.data.table.CsvTable;
import org.gatefold.data.table.Table;
import org.gatefold.file.DataStream;
import org.gatefold.file.NamedBytes;

/**
 * Reads images as an {@link ImageTable}: of a folder, of an IDX file, of CSV with a column for each pixel, or a picture alone.
 * Immutable and thread-safe: options return a changed copy.
 *
 * <p>Without options images are as they are found, all others as the first, but not larger than {@value #MOST_SIDE} pixels to a side.
 */
public final class ImageTableReader {
    /** Larger images are made smaller where no size is said. */
    public static final int MOST_SIDE = 64;

    private static final Pattern NUMBER = Pattern.compile("\"?[-+]?\\d+([.,]\\d*)?([eE][-+]?\\d+)?\"?");
    private static final int LOOKED_AT = 512;
    private static final byte[][] PICTURES = {
        {(byte) 0x89, 'P', 'N', 'G'},
        {(byte) 0xff, (byte) 0xd8, (byte) 0xff},
        {'G', 'I', 'F', '8'},
        {'R', 'I', 'F', 'F'}
    };

    private final ImageWish wish;
    private final double white;
    private final String label;

    private ImageTableReader(ImageWish wish, double white, String label) {
        this.wish = wish;
        this.white = white;
        this.label = label;
    }

    public static ImageTableReader create() {
        return new ImageTableReader(ImageWish.NONE, 0, null);
    }

    /** How many channels images have: 1 for grey or 3 for red, green and blue; 0 for as many as the first. */
    public ImageTableReader channels(int count) {
        return new ImageTableReader(wish.channels(count), white, label);
    }

    /** The size that images are brought to, or that those in numbers have; 0 by 0 for that of the first. */
    public ImageTableReader size(int rows, int columns) {
        return new ImageTableReader(wish.size(rows, columns), white, label);
    }

    /** The number that is white in CSV; 0 for 1, 16 or 255, the least of them that no pixel is above. */
    public ImageTableReader white(double number) {
        if (!(number >= 0 && number <= Float.MAX_VALUE)) {
            throw new IllegalArgumentException("white: expected a number of at least 0, got " + number);
        }
        return new ImageTableReader(wish, number, label);
    }

    /** The column of classes in CSV; null for {@code label} or else the last, if there is one column more than pixels. */
    public ImageTableReader label(String column) {
        return new ImageTableReader(wish, white, column);
    }

    /**
     * Reads images of a stream, plain or packed by gzip, and closes it.
     *
     * @param source the name for messages
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if these are no images, or images of another size than was said in numbers
     */
    public ImageTable read(String source, InputStream stream) throws IOException {
        return ImageTable.of(readPart(source, stream));
    }

    /** Reads images, or what {@link ImageLabels} there are in an IDX file of one dimension; as {@link #read(String, InputStream)} else. */
    public Table readPart(String source, InputStream stream) throws IOException {
        try (DataStream data = DataStream.of(source, stream, 0);
                BufferedInputStream bytes = new BufferedInputStream(data, LOOKED_AT)) {
            byte[] first = DataStream.peek(bytes, LOOKED_AT);
            if (Arrays.stream(PICTURES).anyMatch(picture -> startsWith(first, picture)) || isBitmap(first)) {
                return single(source, RasterImage.read(source, bytes));
            }
            if (first.length >= 4 && first[0] == 0 && first[1] == 0) {
                IdxFile file = IdxFile.read(source, bytes);
                return file.rowDimensions().isEmpty() ? new ImageLabels(source, file.ids()) : idx(source, file);
            }
            CsvFormat format = CsvFormat.detect().header(!isRow(first));
            return new PixelColumns(CsvTable.read(source, bytes, format), white, label)
                    .table(wish.channels(), wish.height(), wish.width());
        }
    }

    private static boolean startsWith(byte[] bytes, byte... beginning) {
        return bytes.length >= beginning.length
                && Arrays.equals(bytes, 0, beginning.length, beginning, 0, beginning.length);
    }

    /** BMP begins with two letters, as a text may: its reserved bytes are 0. */
    private static boolean isBitmap(byte... bytes) {
        return startsWith(bytes, (byte) 'B', (byte) 'M') && bytes.length > 9 && bytes[6] == 0 && bytes[8] == 0;
    }

    /** True if most fields of the first line are numbers, so that it names no columns; the class may be a word. */
    private static boolean isRow(byte... first) {
        String line = new String(first, StandardCharsets.ISO_8859_1).split("\\R", 2)[0];
        String[] fields = line.split("[,;\t]");
        long numbers = Arrays.stream(fields)
                .filter(field -> NUMBER.matcher(field.strip()).matches())
                .count();
        return 2 * numbers > fields.length;
    }

    private ImageTable single(String source, RasterImage image) {
        ImageSize size = wish.of(image);
        return new ImageTable(source, size, List.of(entry(source, size, image)));
    }

    private static PictureTable.Entry entry(String name, ImageSize size, RasterImage image) {
        return ImageTable.entry(name, name, null, size.bytes(image));
    }

    /**
     * Pictures whose files are in memory, none of which has a class.
     *
     * @param files at least one; the first tells the size where none is said
     * @throws IOException if one cannot be decoded
     * @throws IllegalArgumentException naming one that is damaged
     */
    public ImageTable read(List<NamedBytes> files) throws IOException {
        ImageSize size = null;
        List<PictureTable.Entry> entries = new ArrayList<>();
        for (NamedBytes file : files) {
            RasterImage image = RasterImage.read(file.name(), new ByteArrayInputStream(file.bytes()));
            size = size == null ? wish.of(image) : size;
            entries.add(entry(file.name(), size, image));
        }
        return new ImageTable(files.get(0).name(), size, entries);
    }

    /** Images of MNIST's format, {@code [rows, height, width]}. */
    private ImageTable idx(String source, IdxFile file) {
        List<Integer> dimensions = file.rowDimensions();
        if (dimensions.size() != 2) {
            throw new IllegalArgumentException(
                    source + ": expected images, each of rows of pixels, got dimensions " + dimensions);
        }
        float[][] numbers = file.numbers();
        ImageSize size = null;
        List<PictureTable.Entry> entries = new ArrayList<>();
        for (int row = 0; row < numbers.length; row++) {
            RasterImage image = new RasterImage(1, dimensions.get(0), dimensions.get(1), numbers[row]);
            size = size == null ? wish.of(image) : size;
            String name = Integer.toString(row + 1);
            entries.add(ImageTable.entry(name, source + ", image " + name, null, size.bytes(image)));
        }
        return new ImageTable(source, size, entries);
    }

    /** Reads a folder as {@link ImageFolder} says. */
    public ImageTable read(Path folder) throws IOException {
        return ImageFolder.read(folder, wish::of);
    }
}
