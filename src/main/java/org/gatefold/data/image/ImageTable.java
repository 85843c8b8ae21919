package org.gatefold.data.image;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.data.table.Table;
import org.gatefold.data.table.TextTable;

/**
 * Images of one size as a table of the columns {@link #IMAGE}, which names each, and {@link #LABEL}, its class, if they have one.
 *
 * <p>A pixel is held as a byte for each channel. Immutable and thread-safe.
 */
public final class ImageTable extends TextTable {
    public static final String IMAGE = "image";
    public static final String LABEL = "label";

    private static final int MOST = 255;

    private final int channels;
    private final int height;
    private final int width;
    private final List<Entry> entries;
    private final boolean labelled;
    private final double white;

    /**
     * One image.
     *
     * @param name of its file, or its number
     * @param where it stands, for messages
     * @param label its class; null for none
     * @param pixels {@code [channels, height, width]}, 0 for black to 255; not copied
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Entry(String name, String where, String label, byte[] pixels) {}

    /**
     * Takes images of one size.
     *
     * @param entries at least one; either all have labels or none
     * @throws IllegalArgumentException if there is none, or if one has another number of bytes
     */
    public ImageTable(String source, int channels, int height, int width, List<Entry> entries) {
        this(source, channels, height, width, entries, MOST);
    }

    /** @param white the number that was white where they were read */
    ImageTable(String source, int channels, int height, int width, List<Entry> entries, double white) {
        super(source);
        if (entries.isEmpty()) {
            throw new IllegalArgumentException(source + ": expected images, found none");
        }
        this.channels = channels;
        this.height = height;
        this.width = width;
        this.entries = List.copyOf(entries);
        this.labelled = entries.get(0).label() != null;
        this.white = white;
        for (Entry entry : entries) {
            if (entry.pixels().length != channels * height * width) {
                throw new IllegalArgumentException(entry.where() + ": expected " + channels * height * width
                        + " bytes, got " + entry.pixels().length);
            }
        }
    }

    /**
     * These images with classes that stand in another table.
     *
     * @param labels as many rows, in the same order, of a column {@link #LABEL}
     * @throws IllegalArgumentException if there are more or fewer
     */
    public ImageTable with(Table labels) {
        List<String> column = labels.text(LABEL);
        if (column.size() != rows()) {
            throw new IllegalArgumentException(labels.source() + ": expected a label for each of the " + rows()
                    + " images of " + source() + ", got " + column.size());
        }
        List<Entry> labelled = new ArrayList<>(rows());
        for (int row = 0; row < rows(); row++) {
            Entry entry = entries.get(row);
            labelled.add(new Entry(entry.name(), entry.where(), column.get(row), entry.pixels()));
        }
        return new ImageTable(source(), channels, height, width, labelled, white);
    }

    /** The bytes of an image, each the nearest to its number. */
    static byte[] bytes(RasterImage image) {
        float[] values = image.values();
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) Math.round(Math.max(0, Math.min(1, values[i])) * MOST);
        }
        return bytes;
    }

    /** 1 for grey, 3 for red, green and blue. */
    public int channels() {
        return channels;
    }

    /** Rows of pixels of each image. */
    public int height() {
        return height;
    }

    /** Pixels of each row. */
    public int width() {
        return width;
    }

    /** The number that was white where they were read: 255 but of tables. */
    public double white() {
        return white;
    }

    /** An image as numbers: {@code [channels, height, width]}, 0 for black to 1. */
    public float[] pixels(int row) {
        byte[] bytes = entries.get(row).pixels();
        float[] numbers = new float[bytes.length];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (bytes[i] & 0xff) / (float) MOST;
        }
        return numbers;
    }

    @Override
    public List<String> names() {
        return labelled ? List.of(IMAGE, LABEL) : List.of(IMAGE);
    }

    @Override
    public int rows() {
        return entries.size();
    }

    @Override
    public String rowName(int row) {
        return entries.get(row).name();
    }

    @Override
    protected List<String> column(String name) {
        List<String> column = new ArrayList<>(rows());
        for (Entry entry : entries) {
            column.add(name.equals(IMAGE) ? entry.name() : entry.label());
        }
        return column;
    }

    @Override
    protected String where(int row) {
        return entries.get(row).where();
    }
}
