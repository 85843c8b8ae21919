package org.gatefold.data.table;

import java.util.Locale;

/** What is done about rows in which a value is missing. */
public enum MissingValues {
    /** They are left as they are: reading them as numbers fails and names the line. */
    FAIL,
    /** The rows are left out. */
    DROP,
    /**
     * A straight line from the value before to the value after, by the number of rows; before the first and after the last
     * value, that value. Looks ahead: a filled row knows the next value.
     */
    INTERPOLATE,
    /** The last value before; knows nothing of later rows. */
    FORWARD_FILL;

    /** The name in lower case with a hyphen, as options spell it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * Fills gaps in place.
     *
     * @param values one per row
     * @param missing the rows to fill, whose values are not read
     * @return the first row that cannot be filled; -1 if there is none
     */
    int fill(double[] values, boolean... missing) {
        int known = -1;
        for (int row = 0; row < values.length; row++) {
            if (missing[row]) {
                continue;
            }
            if (this == INTERPOLATE) {
                line(values, known, row);
            } else {
                hold(values, known, row);
            }
            known = row;
        }
        if (known >= 0) {
            hold(values, known, values.length);
        }
        boolean fillsStart = this == INTERPOLATE && known >= 0;
        return missing[0] && !fillsStart ? 0 : -1;
    }

    private static void line(double[] values, int before, int after) {
        double first = before < 0 ? values[after] : values[before];
        for (int row = before + 1; row < after; row++) {
            double share = before < 0 ? 0 : (row - before) / (double) (after - before);
            values[row] = first * (1 - share) + values[after] * share;
        }
    }

    private static void hold(double[] values, int before, int end) {
        for (int row = before + 1; row < end && before >= 0; row++) {
            values[row] = values[before];
        }
    }
}
