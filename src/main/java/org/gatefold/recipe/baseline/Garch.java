package org.gatefold.recipe.baseline;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * The variance of returns by GARCH(1,1) with normal errors (Bollerslev 1986): h<sub>t</sub> = ω + α ε²<sub>t-1</sub> + β
 * h<sub>t-1</sub> with ε the return less its mean. Fitted by maximum likelihood, the first variance and squared error being the mean
 * squared error of the rows it is fitted to, as in the benchmark of Fiorentini, Calzolari and Panattoni (1996). Immutable and thread-safe.
 *
 * @param mean of returns
 * @param omega at least 0
 * @param alpha weight of the last squared error, at least 0
 * @param beta weight of the last variance, at least 0
 * @param initial variance, and squared error, before the first row
 */
public record Garch(double mean, double omega, double alpha, double beta, double initial) {
    private static final double TINY = 1e-12;
    private static final int MOST_STEPS = 4000;
    private static final int RESTARTS = 4;

    /**
     * Fits it.
     *
     * @param returns at least 2, in the order of time
     */
    public static Garch fit(double... returns) {
        double average = Arrays.stream(returns).average().orElseThrow();
        double deviation = Math.sqrt(meanSquare(average, returns));
        if (!(deviation > 0)) {
            return new Garch(average, TINY, 0, 0, TINY);
        }
        // In deviations from the mean all parameters are of the size of 1.
        double[] scaled = Arrays.stream(returns)
                .map(value -> (value - average) / deviation)
                .toArray();
        double[] best = {0, Math.log(0.05), Math.log(2), Math.log(17)};
        for (int i = 0; i < RESTARTS; i++) {
            best = minimum(place -> -of(place, scaled).logLikelihood(scaled), best);
        }
        Garch found = of(best, scaled);
        double square = deviation * deviation;
        return new Garch(
                average + deviation * found.mean,
                square * found.omega,
                found.alpha,
                found.beta,
                square * found.initial);
    }

    /** Free numbers as parameters: the weights are positive and below 1 together. */
    private static Garch of(double[] place, double... returns) {
        double rest = 1 + Math.exp(place[2]) + Math.exp(place[3]);
        return new Garch(
                place[0],
                Math.exp(place[1]),
                Math.exp(place[2]) / rest,
                Math.exp(place[3]) / rest,
                meanSquare(place[0], returns));
    }

    private static double meanSquare(double mean, double... returns) {
        return Arrays.stream(returns)
                .map(value -> (value - mean) * (value - mean))
                .average()
                .orElseThrow();
    }

    /**
     * The variance of each return by those before it, and behind them that of the next.
     *
     * @return one more than there are returns
     */
    public double[] variances(double... returns) {
        double[] variances = new double[returns.length + 1];
        double variance = initial;
        double square = initial;
        for (int row = 0; row < variances.length; row++) {
            variance = Math.max(Double.MIN_NORMAL, omega + alpha * square + beta * variance);
            variances[row] = variance;
            square = row < returns.length ? Math.pow(returns[row] - mean, 2) : 0;
        }
        return variances;
    }

    /** The logarithm of the likelihood of returns. */
    public double logLikelihood(double... returns) {
        double[] variances = variances(returns);
        double sum = 0;
        for (int row = 0; row < returns.length; row++) {
            double error = returns[row] - mean;
            sum -= 0.5 * (Math.log(2 * Math.PI * variances[row]) + error * error / variances[row]);
        }
        return sum;
    }

    /** The parameters, in a few words. */
    public String detail() {
        return String.format(Locale.ROOT, "alpha %.3f beta %.3f", alpha, beta);
    }

    /** A local minimum by the simplex method of Nelder and Mead (1965), with its usual coefficients 1, 2, 1/2 and 1/2. */
    private static double[] minimum(ToDoubleFunction<double[]> function, double... start) {
        int n = start.length;
        Corner[] simplex = new Corner[n + 1];
        for (int i = 0; i <= n; i++) {
            double[] place = start.clone();
            if (i < n) {
                place[i] += 0.3;
            }
            simplex[i] = new Corner(place, function.applyAsDouble(place));
        }
        for (int step = 0; step < MOST_STEPS; step++) {
            Arrays.sort(simplex, Comparator.comparingDouble(Corner::value));
            Corner worst = simplex[n];
            if (worst.value - simplex[0].value <= TINY * Math.abs(simplex[0].value)) {
                break;
            }
            double[] centre = new double[n];
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < n; j++) {
                    centre[j] += simplex[i].place[j] / n;
                }
            }
            Corner mirrored = worst.away(function, centre, -1);
            if (mirrored.value < simplex[0].value) {
                Corner further = worst.away(function, centre, -2);
                simplex[n] = further.value < mirrored.value ? further : mirrored;
            } else if (mirrored.value < simplex[n - 1].value) {
                simplex[n] = mirrored;
            } else {
                Corner nearer = worst.away(function, centre, mirrored.value < worst.value ? -0.5 : 0.5);
                if (nearer.value < Math.min(worst.value, mirrored.value)) {
                    simplex[n] = nearer;
                } else {
                    for (int i = 1; i <= n; i++) {
                        simplex[i] = simplex[i].away(function, simplex[0].place, 0.5);
                    }
                }
            }
        }
        Arrays.sort(simplex, Comparator.comparingDouble(Corner::value));
        return simplex[0].place;
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Corner(double[] place, double value) {
        /** The place at so many times the distance from a centre; what is no number counts as infinitely bad. */
        Corner away(ToDoubleFunction<double[]> function, double[] centre, double times) {
            double[] moved = new double[place.length];
            for (int i = 0; i < moved.length; i++) {
                moved[i] = centre[i] + times * (place[i] - centre[i]);
            }
            double found = function.applyAsDouble(moved);
            return new Corner(moved, Double.isNaN(found) ? Double.POSITIVE_INFINITY : found);
        }
    }
}
