package org.gatefold.recipe.field.series;

import com.google.gson.JsonObject;
import java.time.LocalDateTime;
import java.util.List;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.data.table.CalendarFeatures;
import org.gatefold.data.table.Table;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.field.Field;
import org.gatefold.recipe.field.Rows;

/**
 * What came before a row: windows over columns of numbers whose rows follow each other in time, and over the position of
 * their dates in year, week and day. Windows share memory, however much they overlap.
 */
public final class Series implements Field {
    private static final String COLUMNS = "columns";
    private static final String CALENDAR = "calendar";

    private final List<Numeric> columns;
    private final int window;
    private final String dates;
    private final CalendarFeatures calendar;

    /**
     * @param dates the column of dates whose position is read; null for none
     * @param calendar what is read of them; null before it is known how fine they are
     */
    private Series(List<Numeric> columns, int window, String dates, CalendarFeatures calendar) {
        this.columns = List.copyOf(columns);
        this.window = window;
        this.dates = dates;
        this.calendar = calendar;
    }

    /**
     * Windows over columns.
     *
     * @param window rows of each, at least 1
     * @param columns at least one
     */
    public static Series of(int window, List<Numeric> columns) {
        return new Series(columns, window, null, null);
    }

    /** Reads the position of a column of dates in year, week and day too; null for not. */
    public Series calendar(String column) {
        return new Series(columns, window, column, null);
    }

    @Override
    public String name() {
        return columns.get(0).name();
    }

    @Override
    public Series fit(Rows training) {
        return new Series(
                columns.stream().map(column -> column.fit(training)).toList(),
                window,
                dates,
                dates == null
                        ? null
                        : CalendarFeatures.forFormatOf(training.text(dates).get(0)));
    }

    @Override
    public Column encode(Rows rows) {
        int[] starts = rows.indices();
        for (int i = 0; i < starts.length; i++) {
            starts[i] -= before();
        }
        return Column.windows(Dataset.INPUT, steps(rows.table()), window, starts);
    }

    /** The rows of a table from the first that all columns have. */
    private float[][] steps(Table table) {
        int lost = before() - window;
        int features = columns.size() + (calendar == null ? 0 : calendar.names().size());
        float[][] steps = new float[table.rows() - lost][features];
        for (int i = 0; i < columns.size(); i++) {
            double[] scaled = columns.get(i).scaled(table.numbers(columns.get(i).name()));
            int skipped = lost - columns.get(i).before();
            for (int step = 0; step < steps.length; step++) {
                steps[step][i] = (float) scaled[step + skipped];
            }
        }
        if (calendar != null) {
            List<LocalDateTime> days = table.dates(dates);
            for (int step = 0; step < steps.length; step++) {
                double[] position = calendar.of(days.get(step + lost));
                for (int i = 0; i < position.length; i++) {
                    steps[step][columns.size() + i] = (float) position[i];
                }
            }
        }
        return steps;
    }

    @Override
    public int before() {
        return columns.stream().mapToInt(Numeric::before).max().orElse(0) + window;
    }

    @Override
    public String summary() {
        return "window " + window;
    }

    @Override
    public JsonObject state() {
        JsonObject state = Json.list(COLUMNS, columns, Numeric::state);
        if (calendar != null) {
            state.addProperty(CALENDAR, calendar.resolution().name());
        }
        return state;
    }

    @Override
    public Series restored(JsonFields state) {
        return new Series(
                Numeric.restored(columns, state, COLUMNS), window, dates, dates == null ? null : calendar(state));
    }

    private static CalendarFeatures calendar(JsonFields state) {
        for (CalendarFeatures.Resolution resolution : CalendarFeatures.Resolution.values()) {
            if (resolution.name().equals(state.text(CALENDAR))) {
                return CalendarFeatures.of(resolution);
            }
        }
        throw state.wrong(
                CALENDAR,
                "expected one of " + List.of(CalendarFeatures.Resolution.values()) + ", got " + state.text(CALENDAR),
                null);
    }
}
