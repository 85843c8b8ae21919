package org.gatefold.recipe.field.series;

import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.data.table.Table;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.field.Field;
import org.gatefold.recipe.field.Rows;

/**
 * What is known beforehand of a row that is forecast and of those behind it: columns of numbers, step by step. Behind the last row of a
 * table it is read of a {@link KnownAhead}.
 */
public final class Ahead implements Field {
    private static final String COLUMNS = "columns";

    private final List<Numeric> columns;
    private final int steps;

    private Ahead(List<Numeric> columns, int steps) {
        this.columns = List.copyOf(columns);
        this.steps = steps;
    }

    /**
     * Columns of rows that are forecast.
     *
     * @param columns at least one, without transforms
     * @param steps rows of each forecast, at least 1
     */
    public static Ahead of(List<Numeric> columns, int steps) {
        return new Ahead(columns, steps);
    }

    @Override
    public String name() {
        return "known ahead";
    }

    @Override
    public Ahead fit(Rows training) {
        return new Ahead(columns.stream().map(column -> column.fit(training)).toList(), steps);
    }

    @Override
    public Column encode(Rows rows) {
        requireKnown(rows, steps, columns.stream().map(Numeric::name).toList());
        float[][] read = new float[rows.size()][steps * columns.size()];
        for (int i = 0; i < columns.size(); i++) {
            double[] values = values(rows.table(), columns.get(i).name());
            double[] scaled = columns.get(i).scaled(values);
            for (int row = 0; row < read.length; row++) {
                for (int step = 0; step < steps; step++) {
                    read[row][step * columns.size() + i] = (float) scaled[rows.index(row) + step];
                }
            }
        }
        return Column.rows(Dataset.INPUT, read);
    }

    /** A column of a table with the rows to come that are known. */
    static double[] values(Table table, String column) {
        return table instanceof KnownAhead ahead ? ahead.numbersAhead(column) : table.numbers(column);
    }

    /**
     * Checks that columns are known of rows and of those behind them.
     *
     * @param steps of each forecast
     */
    static void requireKnown(Rows rows, int steps, List<String> columns) {
        int last = Arrays.stream(rows.indices()).max().orElse(-steps);
        for (String column : columns) {
            int behind = values(rows.table(), column).length - rows.table().rows();
            int needed = last + steps - rows.table().rows();
            if (needed > behind) {
                throw new IllegalArgumentException(rows.table().source() + ": expected " + needed
                        + (needed == 1 ? " row" : " rows") + " behind the last value that is forecast, which tell "
                        + String.join(" and ", columns) + ", got " + behind);
            }
        }
    }

    @Override
    public String summary() {
        return columns.stream().map(Numeric::name).collect(Collectors.joining(" and ")) + " known ahead";
    }

    @Override
    public JsonObject state() {
        return Json.list(COLUMNS, columns, Numeric::state);
    }

    @Override
    public Ahead restored(JsonFields state) {
        return new Ahead(Numeric.restored(columns, state, COLUMNS), steps);
    }
}
