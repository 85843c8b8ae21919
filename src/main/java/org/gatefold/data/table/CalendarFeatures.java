package org.gatefold.data.table;

import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;

/**
 * Position within the day, the week and the year as points on circles, so that December stands beside January.
 *
 * <p>Immutable and thread-safe. Month of year is always there; day of week where the rows are days or finer, hour of day
 * where they are hours or finer.
 */
public final class CalendarFeatures {
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

    /**
     * The features for dates written like this one: {@code 2024-05}, {@code 2024-05-01} or {@code 2024-05-01 13:00}.
     *
     * @throws IllegalArgumentException if it is no date, or a year only
     */
    public static CalendarFeatures forFormatOf(String date) {
        Resolution written = Dates.resolution(date);
        if (written == null) {
            throw new IllegalArgumentException(
                    "calendar features: expected dates with at least a month, got '" + date + "'");
        }
        return of(written);
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
}
