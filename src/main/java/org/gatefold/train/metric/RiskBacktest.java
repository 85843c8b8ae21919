package org.gatefold.train.metric;

/**
 * Whether losses exceeded the value at risk as often as they should, and independently of each other. Immutable.
 *
 * @param rows that were forecast
 * @param breaches rows whose loss was larger than the value at risk
 * @param coverage whether there are as many breaches as expected: the likelihood ratio of Kupiec (1995), of one degree of freedom
 * @param independence whether a breach is as likely behind a breach as else: the likelihood ratio of a Markov chain of Christoffersen
 *     (1998), of one degree of freedom
 * @param conditional both together: the sum of the two, of two degrees of freedom (Christoffersen 1998)
 */
public record RiskBacktest(int rows, int breaches, Ratio coverage, Ratio independence, Ratio conditional) {
    /**
     * A likelihood ratio.
     *
     * @param statistic at least 0
     * @param probability that chance alone gives one as large
     */
    public record Ratio(double statistic, double probability) {
        static Ratio of(double statistic, int degrees) {
            double positive = Math.max(0, statistic);
            return new Ratio(positive, Tails.chiSquared(positive, degrees));
        }
    }

    /**
     * Tests breaches.
     *
     * @param breaches of each row in the order of time, at least one row
     * @param share of rows that should be breaches, above 0 and below 1, such as 0.01
     */
    public static RiskBacktest of(boolean[] breaches, double share) {
        int[][] counts = new int[2][2];
        int all = 0;
        for (int row = 0; row < breaches.length; row++) {
            all += breaches[row] ? 1 : 0;
            if (row > 0) {
                counts[breaches[row - 1] ? 1 : 0][breaches[row] ? 1 : 0]++;
            }
        }
        Ratio coverage = coverage(breaches.length, all, share);
        Ratio independence = independence(counts[0][0], counts[0][1], counts[1][0], counts[1][1]);
        return new RiskBacktest(
                breaches.length, all, coverage, independence, Ratio.of(coverage.statistic + independence.statistic, 2));
    }

    /**
     * The test of Kupiec: -2 log of p<sup>x</sup> (1 - p)<sup>T-x</sup> over (x/T)<sup>x</sup> (1 - x/T)<sup>T-x</sup>.
     *
     * @param rows T, at least 1
     * @param breaches x
     * @param share p
     */
    public static Ratio coverage(int rows, int breaches, double share) {
        if (rows < 1 || breaches < 0 || breaches > rows || !(share > 0 && share < 1)) {
            throw new IllegalArgumentException("breaches: expected 0 to " + rows
                    + " and a share above 0 and below 1, got " + breaches + " and " + share);
        }
        return Ratio.of(
                2
                        * (likelihood(rows - breaches, breaches, (double) breaches / rows)
                                - likelihood(rows - breaches, breaches, share)),
                1);
    }

    /**
     * The test of independence, by pairs of rows that follow each other.
     *
     * @param quiet pairs without a breach
     * @param coming pairs of which the second alone is a breach
     * @param going pairs of which the first alone is one
     * @param staying pairs of two breaches
     */
    public static Ratio independence(int quiet, int coming, int going, int staying) {
        int pairs = quiet + coming + going + staying;
        double alike = likelihood(quiet + going, coming + staying, share(coming + staying, pairs));
        double apart = likelihood(quiet, coming, share(coming, quiet + coming))
                + likelihood(going, staying, share(staying, going + staying));
        return Ratio.of(2 * (apart - alike), 1);
    }

    private static double share(int part, int all) {
        return all == 0 ? 0 : (double) part / all;
    }

    /** The logarithm of (1 - p)<sup>no</sup> p<sup>yes</sup>, with 0<sup>0</sup> = 1. */
    private static double likelihood(int no, int yes, double p) {
        return (no == 0 ? 0 : no * Math.log1p(-p)) + (yes == 0 ? 0 : yes * Math.log(p));
    }
}
