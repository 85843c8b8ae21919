package org.gatefold.data.image;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.data.table.TextTable;

/**
 * Pictures of one size as a table, one or several to a row: a column that names each row, and {@link #LABEL}, its class, if they have
 * one.
 *
 * <p>A pixel is held as a byte for each channel. Immutable and thread-safe.
 */
public abstract class PictureTable extends TextTable {
    public static final String LABEL = "label";

    private final String column;
    private final ImageSize size;
    private final List<Entry> entries;

    /**
     * One row.
     *
     * @param name of its file or folder, or its number
     * @param where it stands, for messages
     * @param label its class; null for none
     * @param pictures at least one, each {@code [channels, height, width]}, 0 for black to 255; not copied
     */
    public record Entry(String name, String where, String label, List<byte[]> pictures) {
        /** The same with a class, or with another. */
        Entry with(String other) {
            return new Entry(name, where, other, pictures);
        }
    }

    /**
     * Takes pictures.
     *
     * @param column the name of the column that names the rows, as messages count them with an s
     * @param entries at least one; either all have labels or none
     * @throws IllegalArgumentException if there is none, or if a picture has another number of bytes
     */
    protected PictureTable(String source, String column, ImageSize size, List<Entry> entries) {
        super(source);
        if (entries.isEmpty()) {
            throw new IllegalArgumentException(source + ": expected " + column + "s, found none");
        }
        for (Entry entry : entries) {
            for (byte[] picture : entry.pictures()) {
                if (picture.length != size.bytes()) {
                    throw new IllegalArgumentException(
                            entry.where() + ": expected pictures of " + size.bytes() + " bytes, got " + picture.length);
                }
            }
        }
        this.column = column;
        this.size = size;
        this.entries = List.copyOf(entries);
    }

    /** What all pictures have. */
    public final ImageSize size() {
        return size;
    }

    final List<Entry> entries() {
        return entries;
    }

    /** The pictures of a row as numbers, {@code [picture][element]}: each {@code [channels, height, width]}, 0 for black to 1. */
    protected final float[][] numbers(int row) {
        List<byte[]> pictures = entries.get(row).pictures();
        float[][] numbers = new float[pictures.size()][size.bytes()];
        for (int i = 0; i < numbers.length; i++) {
            byte[] bytes = pictures.get(i);
            for (int k = 0; k < bytes.length; k++) {
                numbers[i][k] = (bytes[k] & 0xff) / ImageSize.MOST;
            }
        }
        return numbers;
    }

    /** The picture in the middle of a row, its only one of an image: {@code [channels, height, width]}, 0 for black to 1. */
    public final float[] middle(int row) {
        float[][] all = numbers(row);
        return all[all.length / 2];
    }

    @Override
    public final List<String> names() {
        return entries.get(0).label() == null ? List.of(column) : List.of(column, LABEL);
    }

    @Override
    public final int rows() {
        return entries.size();
    }

    @Override
    public final String rowName(int row) {
        return entries.get(row).name();
    }

    @Override
    protected final List<String> column(String name) {
        List<String> texts = new ArrayList<>(rows());
        for (Entry entry : entries) {
            texts.add(name.equals(LABEL) ? entry.label() : entry.name());
        }
        return texts;
    }

    @Override
    protected final String where(int row) {
        return entries.get(row).where();
    }
}
