package org.gatefold.train.metric;

/** What forecasts of risk cost: losses whose mean is least where the forecast is right. Stateless. */
public final class RiskLosses {
    private RiskLosses() {}

    /**
     * QLIKE of a variance, log h + r² / h (Patton 2011, equation 17): it ranks forecasts rightly although the squared return is a noisy
     * measure of the variance.
     *
     * @param squaredReturn r², at least 0
     * @param variance h, above 0
     */
    public static double qlike(double squaredReturn, double variance) {
        return Math.log(variance) + squaredReturn / variance;
    }

    /**
     * The loss of value at risk and expected shortfall together (Fissler and Ziegel 2016), in the form that does not depend on the unit
     * of returns but for a constant: FZ0 of Patton, Ziegel and Chen (2019, equation 6), -1{Y ≤ v} (v - Y) / (a e) + v / e + log(-e) - 1
     * with v and e the negatives of the arguments.
     *
     * @param returned the return Y that came
     * @param valueAtRisk the loss that is exceeded in a share of rows
     * @param shortfall the mean loss of these rows, above 0
     * @param share of rows a, such as 0.01
     */
    public static double fisslerZiegel(double returned, double valueAtRisk, double shortfall, double share) {
        double v = -valueAtRisk;
        double e = -shortfall;
        double breach = returned <= v ? v - returned : 0;
        return -breach / (share * e) + v / e + Math.log(-e) - 1;
    }
}
