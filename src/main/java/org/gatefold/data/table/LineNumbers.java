package org.gatefold.data.table;

import java.util.Arrays;

/**
 * The line of the file in which each row begins. Only rows that do not follow their predecessor line by line take memory.
 * Grows by {@link #add}; one thread until it is in a table.
 */
final class LineNumbers {
    private int[] jumps = new int[4];
    private long[] lines = new long[4];
    private int size;

    /** Adds the next row. */
    void add(int row, long line) {
        if (size > 0 && line == of(size - 1, row)) {
            return;
        }
        if (size == jumps.length) {
            jumps = Arrays.copyOf(jumps, size + (size >> 1));
            lines = Arrays.copyOf(lines, size + (size >> 1));
        }
        jumps[size] = row;
        lines[size++] = line;
    }

    /** The line of a row, counted from 1. */
    long of(int row) {
        int found = Arrays.binarySearch(jumps, 0, size, row);
        return of(found < 0 ? -found - 2 : found, row);
    }

    private long of(int jump, int row) {
        return lines[jump] + row - jumps[jump];
    }

    /** The lines of the rows given, in their order. */
    LineNumbers rows(int... rows) {
        LineNumbers kept = new LineNumbers();
        for (int i = 0; i < rows.length; i++) {
            kept.add(i, of(rows[i]));
        }
        return kept;
    }
}
