package org.gatefold.train.metric;

/**
 * Tails of the distributions by which tests tell how likely a statistic is by chance, in double precision. Incomplete gamma function by
 * series and continued fraction, incomplete beta function by Lentz's continued fraction (Press et al. 2007, Numerical Recipes, 6.2 and
 * 6.4). Stateless.
 */
final class Tails {
    private static final double TINY = 1e-300;
    private static final double EPSILON = 1e-15;
    private static final int MOST_TERMS = 10_000;

    /** Coefficients of Lanczos for g = 7. */
    private static final double[] LANCZOS = {
        0.9999999999998099,
        676.5203681218851,
        -1259.1392167224028,
        771.3234287776531,
        -176.6150291621406,
        12.507343278686905,
        -0.13857109526572012,
        9.984369578019572e-6,
        1.5056327351493116e-7
    };

    private Tails() {}

    /** The probability that chi-squared of some degrees of freedom is above a value of at least 0. */
    static double chiSquared(double value, int degrees) {
        double a = degrees / 2.0;
        double x = value / 2;
        if (x <= 0) {
            return 1;
        }
        double front = Math.exp(a * Math.log(x) - x - logGamma(a));
        if (x < a + 1) {
            double term = 1 / a;
            double sum = term;
            for (int n = 1; n < MOST_TERMS && Math.abs(term) > EPSILON * sum; n++) {
                term *= x / (a + n);
                sum += term;
            }
            return 1 - front * sum;
        }
        double b = x + 1 - a;
        double c = 1 / TINY;
        double d = 1 / b;
        double fraction = d;
        double change = 0;
        for (int n = 1; n < MOST_TERMS && Math.abs(change - 1) > EPSILON; n++) {
            double step = -n * (n - a);
            b += 2;
            d = 1 / notZero(step * d + b);
            c = notZero(b + step / c);
            change = d * c;
            fraction *= change;
        }
        return front * fraction;
    }

    /** The probability that Student's t of some degrees of freedom is further from 0 than a value. */
    static double studentBothSides(double value, double degrees) {
        return incompleteBeta(degrees / 2, 0.5, degrees / (degrees + value * value));
    }

    private static double incompleteBeta(double a, double b, double x) {
        if (x <= 0 || x >= 1) {
            return x <= 0 ? 0 : 1;
        }
        double front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
        return x < (a + 1) / (a + b + 2) ? front * fraction(a, b, x) / a : 1 - front * fraction(b, a, 1 - x) / b;
    }

    private static double fraction(double a, double b, double x) {
        double c = 1;
        double d = 1 / notZero(1 - (a + b) * x / (a + 1));
        double fraction = d;
        double change = 0;
        for (int m = 1; m < MOST_TERMS && Math.abs(change - 1) > EPSILON; m++) {
            double even = m * (b - m) * x / ((a - 1 + 2 * m) * (a + 2 * m));
            d = 1 / notZero(1 + even * d);
            c = notZero(1 + even / c);
            fraction *= d * c;
            double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 1 + 2 * m));
            d = 1 / notZero(1 + odd * d);
            c = notZero(1 + odd / c);
            change = d * c;
            fraction *= change;
        }
        return fraction;
    }

    private static double notZero(double value) {
        return Math.abs(value) < TINY ? TINY : value;
    }

    private static double logGamma(double x) {
        if (x < 0.5) {
            return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
        }
        double sum = LANCZOS[0];
        for (int i = 1; i < LANCZOS.length; i++) {
            sum += LANCZOS[i] / (x - 1 + i);
        }
        double t = x + 6.5;
        return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
    }
}
