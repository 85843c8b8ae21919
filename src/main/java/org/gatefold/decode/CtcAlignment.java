package org.gatefold.decode;

import java.util.Arrays;

/** The paths that say given labels: the likeliest one (forced alignment), and how likely all are together. Stateless. */
final class CtcAlignment {
    private CtcAlignment() {}

    /** The step at which that path first says each label; the labels must fit into the steps. */
    static int[] steps(double[][] logProbabilities, int[] labels, int blank) {
        int states = 2 * labels.length + 1;
        int[][] from = new int[logProbabilities.length][states];
        double[] best = new double[states];
        for (int t = 0; t < logProbabilities.length; t++) {
            double[] next = new double[states];
            for (int s = 0; s < states; s++) {
                int origin = s;
                double most = t > 0 ? best[s] : s < 2 ? 0 : Double.NEGATIVE_INFINITY;
                if (t > 0 && s > 0 && best[s - 1] > most) {
                    origin = s - 1;
                    most = best[origin];
                }
                if (t > 0 && s > 1 && s % 2 == 1 && labels[s / 2] != labels[s / 2 - 1] && best[s - 2] > most) {
                    origin = s - 2;
                    most = best[origin];
                }
                from[t][s] = origin;
                next[s] = most + logProbabilities[t][s % 2 == 0 ? blank : labels[s / 2]];
            }
            best = next;
        }
        int[] steps = new int[labels.length];
        Arrays.fill(steps, -1);
        int state = states > 1 && best[states - 2] > best[states - 1] ? states - 2 : states - 1;
        for (int t = logProbabilities.length - 1; t >= 0; t--) {
            if (state % 2 == 1) {
                steps[state / 2] = t;
            }
            state = from[t][state];
        }
        return steps;
    }

    /** The natural logarithm of the sum over all those paths; negative infinity if the labels do not fit into the steps. */
    static double logProbability(double[][] logProbabilities, int[] labels, int blank) {
        int states = 2 * labels.length + 1;
        double[] sums = new double[states];
        Arrays.fill(sums, Double.NEGATIVE_INFINITY);
        for (int t = 0; t < logProbabilities.length; t++) {
            double[] next = new double[states];
            for (int s = 0; s < states; s++) {
                double sum = t > 0 ? sums[s] : s < 2 ? 0 : Double.NEGATIVE_INFINITY;
                if (t > 0 && s > 0) {
                    sum = CtcPrefix.add(sum, sums[s - 1]);
                }
                if (t > 0 && s > 1 && s % 2 == 1 && labels[s / 2] != labels[s / 2 - 1]) {
                    sum = CtcPrefix.add(sum, sums[s - 2]);
                }
                next[s] = sum + logProbabilities[t][s % 2 == 0 ? blank : labels[s / 2]];
            }
            sums = next;
        }
        if (logProbabilities.length == 0) {
            return labels.length == 0 ? 0 : Double.NEGATIVE_INFINITY;
        }
        return states == 1 ? sums[0] : CtcPrefix.add(sums[states - 1], sums[states - 2]);
    }
}
