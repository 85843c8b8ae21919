package org.gatefold.recipe.field;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.gatefold.data.table.Table;

/**
 * Some rows of a table, in an order of their own. A row behind the last one may be among them: the one to be forecast, of
 * which nothing is known. Immutable and thread-safe.
 */
public final class Rows {
    private final Table table;
    private final int[] indices;

    private Rows(Table table, int[] indices) {
        this.table = table;
        this.indices = indices;
    }

    /** The given rows, counted from 0. */
    public static Rows of(Table table, int... indices) {
        return new Rows(table, indices.clone());
    }

    /** Rows {@code from} to {@code to - 1}. */
    public static Rows range(Table table, int from, int to) {
        return new Rows(table, IntStream.range(from, to).toArray());
    }

    /** All rows. */
    public static Rows all(Table table) {
        return range(table, 0, table.rows());
    }

    public Table table() {
        return table;
    }

    /** How many there are. */
    public int size() {
        return indices.length;
    }

    /** The row of the table behind row {@code i} of these. */
    public int index(int i) {
        return indices[i];
    }

    /** The rows of the table, in the order of these. */
    public int[] indices() {
        return indices.clone();
    }

    /** Rows {@code from} to {@code to - 1} of these. */
    public Rows slice(int from, int to) {
        return new Rows(table, Arrays.copyOfRange(indices, from, to));
    }

    /**
     * Those of these rows that have so many rows of the table before them, and so many of these rows from themselves on.
     *
     * @param before rows that must be known before
     * @param span rows that an answer tells of, its own the first; above 1 these rows must follow each other in the table, or in each
     *     of its series
     */
    public Rows with(int before, int span) {
        return new Rows(
                table,
                IntStream.range(0, indices.length)
                        .filter(i -> table.before(indices[i]) >= before && (span == 1 || follow(i, span)))
                        .map(i -> indices[i])
                        .toArray());
    }

    /** True if so many of these rows, from row {@code i} on, follow each other in time. */
    private boolean follow(int i, int span) {
        if (span > indices.length - i) {
            return false;
        }
        int last = i + span - 1;
        return indices[last] == indices[i] + span - 1
                && table.before(indices[last]) == table.before(indices[i]) + span - 1;
    }

    /** A column as finite numbers, one for each of these rows. */
    public double[] numbers(String column) {
        double[] all = table.numbers(column);
        return Arrays.stream(indices).mapToDouble(index -> all[index]).toArray();
    }

    /** A column as text, one for each of these rows. */
    public List<String> text(String column) {
        List<String> all = table.text(column);
        return Arrays.stream(indices).mapToObj(all::get).toList();
    }

    /** Where a field of row {@code i} of these stands, as messages name it: file, line and column. */
    public String where(int i, String column) {
        return table.where(indices[i], column);
    }
}
