package org.gatefold.recipe.forecast;

import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import org.gatefold.data.CsvTable;

/**
 * A column to forecast, with the columns that may help and the dates of the rows. Immutable as long as nobody writes its
 * arrays.
 */
public final class Series {
    private final String source;
    private final String target;
    private final double[] values;
    private final List<String> features;
    private final double[][] columns;
    private final String dateColumn;
    private final List<String> labels;
    private final List<LocalDateTime> dates;

    Series(
            String source,
            String target,
            double[] values,
            List<String> features,
            double[][] columns,
            String dateColumn,
            List<String> labels,
            List<LocalDateTime> dates) {
        this.source = source;
        this.target = target;
        this.values = values;
        this.features = features;
        this.columns = columns;
        this.dateColumn = dateColumn;
        this.labels = labels;
        this.dates = dates;
    }

    /**
     * Takes a series from a table.
     *
     * @param dateColumn null for none
     * @throws IllegalArgumentException if a column is missing or a field is no number or date
     */
    public static Series of(CsvTable table, String target, List<String> features, String dateColumn) {
        List<String> further = new ArrayList<>(features);
        further.remove(target);
        double[][] columns = further.stream().map(table::numbers).toArray(double[][]::new);
        return new Series(
                table.source(),
                target,
                table.numbers(target),
                List.copyOf(further),
                columns,
                dateColumn,
                dateColumn == null ? null : table.text(dateColumn),
                dateColumn == null ? null : table.dates(dateColumn));
    }

    /** A series without further columns and dates. */
    public static Series of(String target, double... values) {
        return new Series(target, target, values, List.of(), new double[0][], null, null, null);
    }

    /** The number of rows. */
    public int rows() {
        return values.length;
    }

    /** What a row is called in tables and plots: its date, or its number counted from 1. */
    public String label(int row) {
        return labels == null ? Integer.toString(row + 1) : labels.get(row);
    }

    /** Where it came from, as messages name it. */
    public String source() {
        return source;
    }

    /** The name of the column to forecast. */
    public String target() {
        return target;
    }

    /** That column, one value per row. */
    public double[] values() {
        return values;
    }

    /** Names of further columns. */
    public List<String> features() {
        return features;
    }

    /** {@code [feature][row]}. */
    public double[][] columns() {
        return columns;
    }

    /** The name of the column of dates; null if there is none. */
    public String dateColumn() {
        return dateColumn;
    }

    /** The dates as they were written; null if there are none. */
    public List<String> labels() {
        return labels;
    }

    /** The dates; null if there are none. */
    public List<LocalDateTime> dates() {
        return dates;
    }
}
