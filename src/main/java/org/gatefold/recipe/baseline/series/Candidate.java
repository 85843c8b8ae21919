package org.gatefold.recipe.baseline.series;

import java.util.Arrays;
import java.util.function.BiFunction;
import org.gatefold.data.transform.TransformChain;

/**
 * A simple forecast that is yet to be fitted.
 *
 * @param transforms what is done to the series first
 * @param trust its weight before anything is known
 * @param fit makes a method of a transformed series and the number of its first rows that are known
 */
record Candidate(TransformChain transforms, double trust, BiFunction<double[], Integer, SeriesBaseline> fit) {
    /** The method, fitted to {@code series[0]} to {@code series[to - 1]}. */
    Transformed fitted(double[] series, int to) {
        double[] transformed = transforms.apply(Arrays.copyOf(series, to));
        return new Transformed(transforms, fit.apply(transformed, transformed.length));
    }
}
