package org.gatefold.recipe.field.picture;

import java.util.List;

/**
 * Numbers in rows and columns, to be drawn as shades.
 *
 * @param file of the picture, without its ending
 * @param title over the picture
 * @param across what the columns are
 * @param down what the rows are
 * @param columns the name of each, from left to right
 * @param rows the name of each, from above
 * @param values {@code [row][column]}, at least 0
 * @param counts whether they are whole numbers, which are written into their places
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Grid(
        String file,
        String title,
        String across,
        String down,
        List<String> columns,
        List<String> rows,
        double[][] values,
        boolean counts)
        implements Picture {
    /**
     * What was looked at for each thing that was written.
     *
     * @param file of the picture, without its ending
     * @param row the number of what was read
     * @param read the name of each thing that was looked at
     * @param written the name of each thing that was written
     * @param weights {@code [written][read]}
     */
    public static Grid attention(String file, int row, List<String> read, List<String> written, float[]... weights) {
        double[][] shades = new double[weights.length][];
        for (int t = 0; t < shades.length; t++) {
            shades[t] = new double[weights[t].length];
            for (int s = 0; s < shades[t].length; s++) {
                shades[t][s] = weights[t][s];
            }
        }
        return new Grid(file, "Attention, row " + row, "read", "written", read, written, shades, false);
    }

    /** A name as it is shown: a blank is visible where there is nothing else. */
    public static String seen(String name) {
        return name.isBlank() ? "\u2423" : name.strip();
    }
}
