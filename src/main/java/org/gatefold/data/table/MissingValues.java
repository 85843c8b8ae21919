package org.gatefold.data.table;

import java.util.Arrays;
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
    FORWARD_FILL,
    /**
     * The last value before, and before the first value that one; a column of {@link CsvTable#maskName} for each that is filled tells
     * which rows these are.
     */
    MASK;

    /** The name in lower case with a hyphen, as options spell it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * Fills gaps in place.
     *
     * @param values one per row
     * @param missing the rows to fill, whose values are not read
     * @param stretch the rows that are looked at
     * @return the first row that cannot be filled; -1 if there is none
     */
    int fill(double[] values, boolean[] missing, Stretch stretch) {
        int known = -1;
        for (int row = stretch.from(); row < stretch.to(); row++) {
            if (missing[row]) {
                continue;
            }
            if (known < 0) {
                if (row > stretch.from() && (this == FORWARD_FILL || stretch.parts(stretch.from() - 1, row))) {
                    return stretch.from();
                }
                Arrays.fill(values, stretch.from(), row, values[row]);
            } else if (this == INTERPOLATE && !stretch.parts(known, row)) {
                line(values, known, row);
            } else {
                Arrays.fill(values, known + 1, row, values[known]);
            }
            known = row;
        }
        if (known >= 0) {
            Arrays.fill(values, known + 1, stretch.to(), values[known]);
        }
        return known < 0 && stretch.to() > stretch.from() ? stretch.from() : -1;
    }

    private static void line(double[] values, int before, int after) {
        for (int row = before + 1; row < after; row++) {
            double share = (row - before) / (double) (after - before);
            values[row] = values[before] * (1 - share) + values[after] * share;
        }
    }
}
