package org.gatefold.contract.oracle;

/** Layer normalisation of one row in doubles, and its gradient, from their definitions. Immutable. */
final class NaiveNorm {
    private final double[] normal;
    private final double deviation;

    NaiveNorm(double[] values) {
        double mean = 0;
        for (double value : values) {
            mean += value / values.length;
        }
        double variance = 0;
        for (double value : values) {
            variance += (value - mean) * (value - mean) / values.length;
        }
        deviation = Math.sqrt(variance + 1e-5f);
        normal = new double[values.length];
        for (int j = 0; j < normal.length; j++) {
            normal[j] = (values[j] - mean) / deviation;
        }
    }

    /** The normal values times gains, of which the first stands at a place. */
    double[] scaled(double[] gains, int first) {
        double[] result = new double[normal.length];
        for (int j = 0; j < result.length; j++) {
            result[j] = gains[first + j] * normal[j];
        }
        return result;
    }

    /** From the gradient of {@link #scaled} to that of the values, each of which moves all others; adds that of the gains. */
    double[] back(double[] gradient, double[] gains, double[] dGains, int first) {
        int n = normal.length;
        double[] result = new double[n];
        for (int j = 0; j < n; j++) {
            dGains[first + j] += gradient[j] * normal[j];
            for (int k = 0; k < n; k++) {
                double moves = (j == k ? 1 : 0) - 1.0 / n - normal[j] * normal[k] / n;
                result[k] += gradient[j] * gains[first + j] * moves / deviation;
            }
        }
        return result;
    }
}
