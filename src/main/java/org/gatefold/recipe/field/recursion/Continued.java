package org.gatefold.recipe.field.recursion;

import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.data.table.CsvTable;
import org.gatefold.data.table.MissingValues;
import org.gatefold.data.table.Table;
import org.gatefold.recipe.field.series.KnownAhead;

/**
 * The last rows of a table before one that is forecast, and behind them rows of forecasts. What is not forecast is read where the table
 * knows it ahead. One thread.
 */
final class Continued implements KnownAhead {
    private final Source source;
    private final int from;
    private final int origin;
    private final List<double[]> forecasts = new ArrayList<>();

    /** What is read of a table, once for all rows that are forecast. One thread. */
    static final class Source {
        private final Table table;
        private final List<String> columns;
        private final Map<String, double[]> numbers = new HashMap<>();

        /** @param columns that are forecast */
        Source(Table table, List<String> columns) {
            this.table = table;
            this.columns = columns;
        }

        private double[] numbers(String column) {
            return numbers.computeIfAbsent(
                    column,
                    name -> table instanceof KnownAhead ahead && !isMask(name) && !columns.contains(name)
                            ? ahead.numbersAhead(name)
                            : table.numbers(name));
        }

        private boolean isMask(String column) {
            return table.names().stream()
                    .anyMatch(name -> CsvTable.maskName(name).equals(column));
        }
    }

    /**
     * The rows before one.
     *
     * @param keep how many of them, at most as many as there are
     */
    Continued(Source source, int origin, int keep) {
        this.source = source;
        this.origin = origin;
        this.from = origin - keep;
    }

    /** Adds a row of forecasts, one for each column. */
    void add(double... forecast) {
        forecasts.add(forecast);
    }

    @Override
    public String source() {
        return source.table.source();
    }

    @Override
    public List<String> names() {
        return source.table.names();
    }

    @Override
    public int rows() {
        return origin - from + forecasts.size();
    }

    @Override
    public boolean has(String column) {
        return source.table.has(column);
    }

    @Override
    public double[] numbers(String column) {
        double[] all = source.numbers(column);
        double[] values = Arrays.copyOfRange(all, from, from + rows());
        int forecast = source.columns.indexOf(column);
        for (int row = origin - from; row < values.length; row++) {
            if (forecast >= 0) {
                values[row] = forecasts.get(row - origin + from)[forecast];
            } else if (source.isMask(column)) {
                values[row] = 0;
            } else {
                requireKnown(column, row, all.length);
            }
        }
        return values;
    }

    private void requireKnown(String column, int row, int known) {
        if (from + row >= known) {
            throw new IllegalArgumentException(source() + ": expected the column '" + column + "' of "
                    + (from + row + 1 - source.table.rows()) + " rows behind the last value that is forecast, got "
                    + (known - source.table.rows()));
        }
    }

    @Override
    public double[] numbersAhead(String column) {
        double[] all = source.numbers(column);
        return Arrays.copyOfRange(all, from, all.length);
    }

    @Override
    public List<String> text(String column) {
        return textAhead(column).subList(0, rows());
    }

    @Override
    public List<String> textAhead(String column) {
        List<String> all =
                source.table instanceof KnownAhead ahead ? ahead.textAhead(column) : source.table.text(column);
        return all.subList(from, all.size());
    }

    @Override
    public boolean startsWithNumber(String column) {
        return source.table.startsWithNumber(column);
    }

    @Override
    public List<LocalDateTime> dates(String column) {
        return source.table.dates(column).subList(from, from + rows());
    }

    @Override
    public Table withMissing(MissingValues policy, String... columns) {
        return this;
    }

    @Override
    public String where(int row, String column) {
        return source.table.where(from + row, column);
    }
}
