package org.gatefold.data.table;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Fields as they are written, in UTF-8 one after the other: a field takes its length and four bytes more. Grows by {@link
 * #add}; one thread until it is in a table.
 */
public final class TextColumn implements TableColumn {
    private static final int CHUNK_BITS = 16;
    private static final int CHUNK = 1 << CHUNK_BITS;

    private byte[][] chunks = {new byte[64]};
    private int[] ends = new int[16];
    private int rows;

    /**
     * Adds a field after the last.
     *
     * @throws IllegalArgumentException if all fields together become longer than 2 GiB
     */
    public void add(String field) {
        byte[] bytes = field.getBytes(StandardCharsets.UTF_8);
        int at = length();
        if (bytes.length > Integer.MAX_VALUE - at) {
            throw new IllegalArgumentException("expected at most 2 GiB of text in a column, got more");
        }
        for (int from = 0; from < bytes.length; ) {
            int offset = (at + from) & (CHUNK - 1);
            int count = Math.min(bytes.length - from, CHUNK - offset);
            System.arraycopy(bytes, from, chunk((at + from) >>> CHUNK_BITS, offset + count), offset, count);
            from += count;
        }
        if (rows == ends.length) {
            ends = Arrays.copyOf(ends, rows + (rows >> 1));
        }
        ends[rows++] = at + bytes.length;
    }

    /** A chunk with room for {@code size} bytes; only the first, which may stay the only one, begins small. */
    private byte[] chunk(int index, int size) {
        if (index == chunks.length) {
            chunks = Arrays.copyOf(chunks, index + 1 + (index >> 1));
        }
        byte[] chunk = chunks[index];
        if (chunk == null || chunk.length < size) {
            int length = index == 0 ? Math.min(CHUNK, Math.max(size, 2 * chunk.length)) : CHUNK;
            chunk = chunk == null ? new byte[length] : Arrays.copyOf(chunk, length);
            chunks[index] = chunk;
        }
        return chunk;
    }

    /** Leaves only the first rows. */
    void truncate(int count) {
        rows = Math.min(rows, count);
    }

    /** True if every field is empty. */
    boolean isEmpty() {
        return length() == 0;
    }

    private int length() {
        return rows == 0 ? 0 : ends[rows - 1];
    }

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public String text(int row) {
        int at = row == 0 ? 0 : ends[row - 1];
        int length = ends[row] - at;
        if (length == 0) {
            return "";
        }
        int offset = at & (CHUNK - 1);
        if (offset + length <= CHUNK) {
            return new String(chunks[at >>> CHUNK_BITS], offset, length, StandardCharsets.UTF_8);
        }
        byte[] bytes = new byte[length];
        for (int to = 0; to < length; ) {
            offset = (at + to) & (CHUNK - 1);
            int count = Math.min(length - to, CHUNK - offset);
            System.arraycopy(chunks[(at + to) >>> CHUNK_BITS], offset, bytes, to, count);
            to += count;
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public TextColumn rows(int... kept) {
        TextColumn column = new TextColumn();
        for (int row : kept) {
            column.add(text(row));
        }
        return column;
    }
}
