package org.gatefold.data.table;

import java.time.LocalDateTime;
import java.util.List;

/** A table whose columns hold texts alone, none of which is missing. Immutable. */
public abstract class TextTable implements Table {
    private final String source;

    /** @param source the file or resource, as messages name it */
    protected TextTable(String source) {
        this.source = source;
    }

    /** A column that there is. */
    protected abstract List<String> column(String name);

    /** Where a field stands, the column left out. */
    protected abstract String where(int row);

    @Override
    public final String source() {
        return source;
    }

    @Override
    public final boolean has(String column) {
        return names().contains(column);
    }

    @Override
    public final List<String> text(String column) {
        requireColumn(column);
        return column(column);
    }

    private void requireColumn(String column) {
        if (!has(column)) {
            throw new IllegalArgumentException(
                    source + ": there is no column '" + column + "'; its columns are " + String.join(", ", names()));
        }
    }

    @Override
    public final double[] numbers(String column) {
        requireColumn(column);
        throw new IllegalArgumentException(where(0, column) + ": expected a number, got a text");
    }

    @Override
    public final boolean startsWithNumber(String column) {
        requireColumn(column);
        return false;
    }

    @Override
    public final List<LocalDateTime> dates(String column) {
        requireColumn(column);
        throw new IllegalArgumentException(where(0, column) + ": expected a date, got a text");
    }

    /** This table: nothing is missing in it. */
    @Override
    public final Table withMissing(MissingValues policy, String... columns) {
        for (String column : columns) {
            requireColumn(column);
        }
        return this;
    }

    @Override
    public final String where(int row, String column) {
        requireColumn(column);
        return where(row) + ", column '" + column + "'";
    }
}
