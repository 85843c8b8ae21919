package org.gatefold.recipe.field.picture;

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
 * @param band what is to be drawn round the answers; null for nothing
 */
public record Curve(
        String file,
        String title,
        String axis,
        String name,
        List<?> places,
        List<Double> truth,
        List<Double> answers,
        Band band)
        implements Picture {
    /**
     * Intervals round the answers.
     *
     * @param name in the legend
     * @param low the lower end of each
     * @param high the upper end of each
     */
    public record Band(String name, List<Double> low, List<Double> high) {}
}
