package org.gatefold.recipe.baseline.series;

import java.util.Arrays;
import java.util.function.ToDoubleFunction;

/** Finds a small cost by steps along one number after the other, which are halved where none of them leads down. Stateless. */
final class StepSearch {
    private static final double FIRST_STEP = 0.2;
    private static final double SMALLEST_STEP = 0.01;

    private StepSearch() {}

    /**
     * A point near which no step leads down.
     *
     * @param start where it begins
     * @param low the least of each number
     * @param high the greatest of each number; where it is the least too, the number stays
     */
    static double[] least(double[] start, double[] low, double[] high, ToDoubleFunction<double[]> cost) {
        double[] best = start.clone();
        double least = cost.applyAsDouble(best);
        for (double step = FIRST_STEP; step >= SMALLEST_STEP; ) {
            boolean better = false;
            for (int i = 0; i < best.length; i++) {
                for (int sign = -1; sign <= 1; sign += 2) {
                    double[] next = best.clone();
                    next[i] = Math.max(low[i], Math.min(high[i], best[i] + sign * step));
                    double found = Arrays.equals(next, best) ? least : cost.applyAsDouble(next);
                    if (found < least) {
                        least = found;
                        best = next;
                        better = true;
                    }
                }
            }
            if (!better) {
                step /= 2;
            }
        }
        return best;
    }
}
