package org.gatefold.data.video;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.data.table.TextTable;

/**
 * Films whose frames have one size, as a table of the columns {@link #FILM}, which names each, and {@link #LABEL}, its class, if they
 * have one. Films may have different numbers of frames.
 *
 * <p>A pixel is held as a byte for each channel. Immutable and thread-safe.
 */
public final class FilmTable extends TextTable {
    public static final String FILM = "film";
    public static final String LABEL = "label";

    private static final float MOST = 255;

    private final int channels;
    private final int height;
    private final int width;
    private final List<Entry> entries;

    /**
     * One film.
     *
     * @param name of its file or folder, or its number
     * @param where it stands, for messages
     * @param label its class; null for none
     * @param frames at least one, each {@code [channels, height, width]}, 0 for black to 255; not copied
     */
    public record Entry(String name, String where, String label, List<byte[]> frames) {}

    /**
     * Takes films.
     *
     * @param entries at least one; either all have labels or none
     * @throws IllegalArgumentException if there is none, or if a frame has another number of bytes
     */
    public FilmTable(String source, int channels, int height, int width, List<Entry> entries) {
        super(source);
        if (entries.isEmpty()) {
            throw new IllegalArgumentException(source + ": expected films, found none");
        }
        for (Entry entry : entries) {
            for (byte[] frame : entry.frames()) {
                if (frame.length != channels * height * width) {
                    throw new IllegalArgumentException(entry.where() + ": expected frames of "
                            + channels * height * width + " bytes, got " + frame.length);
                }
            }
        }
        this.channels = channels;
        this.height = height;
        this.width = width;
        this.entries = List.copyOf(entries);
    }

    /** 1 for grey, 3 for red, green and blue. */
    public int channels() {
        return channels;
    }

    /** Rows of pixels of each frame. */
    public int height() {
        return height;
    }

    /** Pixels of each row. */
    public int width() {
        return width;
    }

    /** A film as numbers, {@code [frame][element]}: frames {@code [channels, height, width]}, 0 for black to 1. */
    public float[][] frames(int row) {
        List<byte[]> frames = entries.get(row).frames();
        float[][] numbers = new float[frames.size()][channels * height * width];
        for (int frame = 0; frame < numbers.length; frame++) {
            byte[] bytes = frames.get(frame);
            for (int i = 0; i < bytes.length; i++) {
                numbers[frame][i] = (bytes[i] & 0xff) / MOST;
            }
        }
        return numbers;
    }

    @Override
    public List<String> names() {
        return entries.get(0).label() == null ? List.of(FILM) : List.of(FILM, LABEL);
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
            column.add(name.equals(FILM) ? entry.name() : entry.label());
        }
        return column;
    }

    @Override
    protected String where(int row) {
        return entries.get(row).where();
    }
}
