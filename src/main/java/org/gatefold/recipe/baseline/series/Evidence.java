package org.gatefold.recipe.baseline.series;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.gatefold.recipe.baseline.Probabilities;

/**
 * What is known of one of several forecasts that are joined.
 *
 * @param trust its weight before anything was known, above 0
 * @param squares sum of its squared errors in the training part; of several steps their mean counts
 * @param selected how often it was selected, of all times
 */
public record Evidence(double trust, double squares, double selected) {
    /** Forecasts in the training part from which on selection alone counts. */
    public static final int ALL_SELECTED = 800;

    /** Forecasts for each power of the squared error by which weight is lost; 2 would make it the likelihood of even noise. */
    private static final double ERRORS_A_POWER = 6;

    /** How often one is selected. */
    private static final int ROUNDS = 8;

    /**
     * What errors tell.
     *
     * @param trust in each forecast
     * @param steps errors that follow each other and count as one
     * @param errors {@code [forecast][error]}, as many of each
     */
    static List<Evidence> of(double[] trust, int steps, double[]... errors) {
        double[] selected = selected(errors);
        return IntStream.range(0, trust.length)
                .mapToObj(i -> new Evidence(
                        trust[i],
                        Arrays.stream(errors[i]).map(error -> error * error).sum() / steps,
                        selected[i]))
                .toList();
    }

    /** How often each is taken, one after the other, each time that one which makes the mean best, of all times. */
    private static double[] selected(double[]... errors) {
        double[] sum = new double[errors[0].length];
        double[] selected = new double[errors.length];
        for (int round = 1; round <= ROUNDS; round++) {
            int best = -1;
            double least = Double.POSITIVE_INFINITY;
            for (int i = 0; i < selected.length; i++) {
                double squares = 0;
                for (int k = 0; k < sum.length; k++) {
                    double mean = (sum[k] + errors[i][k]) / round;
                    squares += mean * mean;
                }
                if (squares < least) {
                    least = squares;
                    best = i;
                }
            }
            if (best < 0) {
                throw new IllegalArgumentException("series: expected numbers whose squares are finite");
            }
            selected[best] += 1.0 / ROUNDS;
            for (int k = 0; k < sum.length; k++) {
                sum[k] += errors[best][k];
            }
        }
        return selected;
    }

    /** Weights by the training part alone. */
    static double[] weights(List<Evidence> all, int errors) {
        return weights(all, errors, new double[all.size()], 0);
    }

    /**
     * Weights that add up to 1, if all selections are among these: by the inverse of squares, and the more errors there are in the
     * training part the more by selection.
     *
     * @param errors of each in the training part
     * @param squares sum of each one's squared errors behind it
     * @param more how many these are
     */
    static double[] weights(List<Evidence> all, int errors, double[] squares, int more) {
        double power = (errors + more) / ERRORS_A_POWER;
        double[] logarithms = IntStream.range(0, squares.length)
                .mapToDouble(i -> Math.log(all.get(i).trust)
                        - power * Math.log(Math.max(all.get(i).squares + squares[i], Double.MIN_NORMAL)))
                .toArray();
        double[] likely = Probabilities.ofLogarithms(logarithms);
        double share = Math.min(1, errors / (double) ALL_SELECTED);
        return IntStream.range(0, likely.length)
                .mapToDouble(i -> (1 - share) * likely[i] + share * all.get(i).selected)
                .toArray();
    }
}
