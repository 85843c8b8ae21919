package org.gatefold.recipe.field;

import java.util.List;

/**
 * Answers beside what came, to be drawn.
 *
 * @param file of the picture, without its ending; names the answers in it
 * @param title over the picture
 * @param axis below it: what rows are counted in
 * @param name beside it: what the values are
 * @param places of the rows on the axis: numbers or dates
 * @param truth what came
 * @param answers what was answered
 */
public record Curve(
        String file, String title, String axis, String name, List<?> places, List<Double> truth, List<Double> answers)
        implements Picture {}
