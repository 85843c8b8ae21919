package org.gatefold.recipe.field.picture;

import java.util.List;
import java.util.Map;

/**
 * Several courses of the same rows, to be drawn.
 *
 * @param file of the picture, without its ending
 * @param title over the picture
 * @param axis below it: what rows are counted in
 * @param name beside it: what the values are
 * @param places of the rows on the axis: numbers or dates
 * @param values by name, that of the model first
 */
public record Lines(
        String file, String title, String axis, String name, List<?> places, Map<String, List<Double>> values)
        implements Picture {}
