package org.gatefold.data;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Position within the day, the week and the year as points on circles, so that December stands beside January.
 *
 * <p>Immutable and thread-safe. Month of year is always there; day of week where the rows are days or finer, hour of day
 * where they are hours or finer.
 */
public final class CalendarFeatures {
    private static final DateTimeFormatter FORMAT = new DateTimeFormatterBuilder()
            .appendPattern("uuuu-MM[-dd[['T'][' ']HH:mm[:ss]]]")
            .parseDefaulting(ChronoField.DAY_OF_MONTH, 1)
            .parseDefaulting(ChronoField.HOUR_OF_DAY, 0)
            .parseDefaulting(ChronoField.MINUTE_OF_HOUR, 0)
            .parseDefaulting(ChronoField.SECOND_OF_MINUTE, 0)
            .toFormatter(Locale.ROOT);

    /** How fine the dates of a column are. */
    public enum Resolution {
        HOUR,
        DAY,
        MONTH
    }

    private final Resolution resolution;

    private CalendarFeatures(Resolution resolution) {
        this.resolution = resolution;
    }

    /** The features for rows of the given resolution. */
    public static CalendarFeatures of(Resolution resolution) {
        return new CalendarFeatures(resolution);
    }

    /** The resolution that a date is written in: {@code 2024-05}, {@code 2024-05-01} or {@code 2024-05-01 13:00}. */
    public static CalendarFeatures forFormatOf(String date) {
        if (date.matches("\\d{4}[-/]\\d{2}")) {
            return of(Resolution.MONTH);
        }
        return of(date.contains(":") ? Resolution.HOUR : Resolution.DAY);
    }

    /** How fine the dates are. */
    public Resolution resolution() {
        return resolution;
    }

    /** The names of the features, two per circle. */
    public List<String> names() {
        List<String> names = new ArrayList<>(List.of("month sin", "month cos"));
        if (resolution != Resolution.MONTH) {
            names.addAll(List.of("weekday sin", "weekday cos"));
        }
        if (resolution == Resolution.HOUR) {
            names.addAll(List.of("hour sin", "hour cos"));
        }
        return names;
    }

    /** The features of one date, in the order of {@link #names}; each -1 to 1. */
    public double[] of(LocalDateTime date) {
        double[] features = new double[names().size()];
        circle(features, 0, (date.getMonthValue() - 1) / 12.0);
        if (resolution != Resolution.MONTH) {
            circle(features, 2, (date.getDayOfWeek().getValue() - 1) / 7.0);
        }
        if (resolution == Resolution.HOUR) {
            circle(features, 4, (date.getHour() + date.getMinute() / 60.0) / 24.0);
        }
        return features;
    }

    private static void circle(double[] features, int at, double turn) {
        features[at] = Math.sin(2 * Math.PI * turn);
        features[at + 1] = Math.cos(2 * Math.PI * turn);
    }

    /**
     * The dates of a column.
     *
     * @throws IllegalArgumentException if a field is no date, with file, line and column
     */
    public static List<LocalDateTime> dates(CsvTable table, String column) {
        List<String> fields = table.text(column);
        List<LocalDateTime> dates = new ArrayList<>();
        for (int row = 0; row < fields.size(); row++) {
            String field = fields.get(row);
            try {
                dates.add(LocalDateTime.parse(field.replace('/', '-'), FORMAT));
            } catch (DateTimeParseException e) {
                throw new IllegalArgumentException(
                        table.where(row, column)
                                + ": expected a date such as 2024-05, 2024-05-01 or 2024-05-01 13:00, got '" + field
                                + "'",
                        e);
            }
        }
        return dates;
    }
}
