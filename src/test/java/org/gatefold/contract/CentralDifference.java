package org.gatefold.contract;

import java.util.function.DoubleSupplier;
import java.util.function.ToDoubleFunction;

/** Slopes by central differences, beside which gradients are put. Stateless. */
public final class CentralDifference {
    private CentralDifference() {}

    /** The slope of what is computed from a point by one of its numbers, which is moved by {@code step} and put back. */
    public static double slope(double[] point, int place, double step, DoubleSupplier value) {
        double kept = point[place];
        point[place] = kept + step;
        double above = value.getAsDouble();
        point[place] = kept - step;
        double below = value.getAsDouble();
        point[place] = kept;
        return (above - below) / (2 * step);
    }

    /** The slopes of a function by all numbers of a point. */
    static double[] gradient(float[] values, ToDoubleFunction<double[]> function) {
        double[] point = Compare.doubles(values);
        double[] slopes = new double[point.length];
        for (int i = 0; i < slopes.length; i++) {
            slopes[i] = slope(point, i, 1e-4, () -> function.applyAsDouble(point));
        }
        return slopes;
    }
}
