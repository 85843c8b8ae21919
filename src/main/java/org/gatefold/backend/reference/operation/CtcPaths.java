package org.gatefold.backend.reference.operation;

/**
 * The paths of one row: states are its labels with a blank before, between and behind them, {@code 2L+1} of them. All numbers are
 * natural logarithms. One thread at a time.
 */
final class CtcPaths {
    private final int[] classes;
    private final double[][] emissions;
    private final double[][] before;
    private final double[][] after;
    private final double total;

    /**
     * @param labels of the row
     * @param logProbabilities of the row's steps, {@code [step][class]}
     */
    CtcPaths(int[] labels, int blank, double[][] logProbabilities) {
        classes = new int[2 * labels.length + 1];
        for (int s = 0; s < classes.length; s++) {
            classes[s] = s % 2 == 0 ? blank : labels[s / 2];
        }
        int steps = logProbabilities.length;
        emissions = new double[steps][classes.length];
        for (int t = 0; t < steps; t++) {
            for (int s = 0; s < classes.length; s++) {
                emissions[t][s] = logProbabilities[t][classes[s]];
            }
        }
        before = new double[steps][classes.length];
        after = new double[steps][classes.length];
        forward();
        backward();
        int last = classes.length - 1;
        if (steps == 0) {
            total = labels.length == 0 ? 0 : Double.NEGATIVE_INFINITY;
        } else {
            total = logSum(before[steps - 1][last], last == 0 ? Double.NEGATIVE_INFINITY : before[steps - 1][last - 1]);
        }
    }

    /** Paths up to and with a step that are then in a state. */
    private void forward() {
        for (int t = 0; t < emissions.length; t++) {
            for (int s = 0; s < classes.length; s++) {
                double sum = t == 0 && s < 2 ? 0 : Double.NEGATIVE_INFINITY;
                for (int from = Math.max(0, s - 2); t > 0 && from <= s; from++) {
                    sum = leads(from, s) ? logSum(sum, before[t - 1][from]) : sum;
                }
                before[t][s] = sum + emissions[t][s];
            }
        }
    }

    /** Paths behind a step, from the state at it to the end. */
    private void backward() {
        for (int t = emissions.length - 1; t >= 0; t--) {
            for (int s = 0; s < classes.length; s++) {
                boolean end = t == emissions.length - 1;
                double sum = end && s >= classes.length - 2 ? 0 : Double.NEGATIVE_INFINITY;
                for (int to = s; !end && to <= Math.min(s + 2, classes.length - 1); to++) {
                    sum = leads(s, to) ? logSum(sum, after[t + 1][to] + emissions[t + 1][to]) : sum;
                }
                after[t][s] = sum;
            }
        }
    }

    /** A label may follow another one at once, but for itself. */
    private boolean leads(int from, int to) {
        return to - from < 2 || (to % 2 == 1 && classes[to] != classes[from]);
    }

    /** The probability of all paths. */
    double total() {
        return total;
    }

    /** The share of the paths that is in a class at a step, added up by class. */
    void addShares(int step, double... shares) {
        for (int s = 0; s < classes.length; s++) {
            shares[classes[s]] += Math.exp(before[step][s] + after[step][s] - total);
        }
    }

    private static double logSum(double a, double b) {
        double largest = Math.max(a, b);
        return largest == Double.NEGATIVE_INFINITY
                ? largest
                : largest + Math.log(Math.exp(a - largest) + Math.exp(b - largest));
    }
}
