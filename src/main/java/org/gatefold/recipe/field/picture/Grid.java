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
        implements Picture {}
