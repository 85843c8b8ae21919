package org.gatefold.data.table;

/**
 * Rows that follow each other in time, as those of one series do. Nothing before a row in its middle may be filled with what comes from it
 * on: there begins what is tested.
 *
 * @param from the first row
 * @param boundary the first row of which those before know nothing; {@code to} if they may know all
 * @param to the row behind the last
 */
public record Stretch(int from, int boundary, int to) {
    public Stretch {
        if (from < 0 || boundary < from || to < boundary) {
            throw new IllegalArgumentException(
                    "stretch: expected 0 <= from <= boundary <= to, got " + from + ", " + boundary + ", " + to);
        }
    }

    /** True if a value of row {@code later} may not be known in those of the gap behind row {@code earlier}. */
    boolean parts(int earlier, int later) {
        return earlier < boundary - 1 && later >= boundary;
    }
}
