package org.gatefold.data.table;

import java.time.LocalDateTime;
import java.util.List;

/**
 * Named columns of text, read from a file of any format, from which columns of numbers and dates are taken.
 * Implementations are immutable and thread-safe; every complaint names the file, the line and the column.
 */
public interface Table {
    /** The file or resource, as messages name it. */
    String source();

    /** The names of the columns, in the order of the file. */
    List<String> names();

    /** The number of rows. */
    int rows();

    /** True if there is a column of this name. */
    boolean has(String column);

    /**
     * A column as text.
     *
     * @throws IllegalArgumentException if there is no such column; the message lists those that there are
     */
    List<String> text(String column);

    /**
     * A column as finite numbers.
     *
     * @throws IllegalArgumentException if there is no such column, or if a field is no finite number
     */
    double[] numbers(String column);

    /** True if the first field of a column that is not missing may be a number. */
    boolean startsWithNumber(String column);

    /**
     * A column as dates and times.
     *
     * @throws IllegalArgumentException if there is no such column, or if a field is no date
     */
    List<LocalDateTime> dates(String column);

    /**
     * This table with something done about missing values of the columns named; all other columns stay as they are.
     *
     * @throws IllegalArgumentException if there is no such column, if none is named, if one to be filled holds what is neither
     *     a number nor missing, if there is no value to fill from, or if no row would be left
     */
    Table withMissing(MissingValues policy, String... columns);

    /** Where a field stands, as messages name it: file, line and column. */
    String where(int row, String column);

    /** How many rows come before a row in time: all before it, unless the table holds several series. */
    default int before(int row) {
        return row;
    }

    /** What a row is called in answers: its number, counted from 1, or what else tells it apart, such as the name of its file. */
    default String rowName(int row) {
        return Integer.toString(row + 1);
    }
}
