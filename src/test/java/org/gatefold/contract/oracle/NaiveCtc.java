package org.gatefold.contract.oracle;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;

/** CTC from its definition, in double precision: every path is looked at, or, for long rows, the paths to every state. */
public final class NaiveCtc {
    private NaiveCtc() {}

    /** Logarithms of the softmax of each step, {@code [step][class]}. */
    public static double[][] logSoftmax(double[][] logits) {
        double[][] result = new double[logits.length][];
        for (int t = 0; t < logits.length; t++) {
            double largest = Double.NEGATIVE_INFINITY;
            double sum = 0;
            for (double x : logits[t]) {
                largest = Math.max(largest, x);
            }
            for (double x : logits[t]) {
                sum += Math.exp(x - largest);
            }
            result[t] = new double[logits[t].length];
            for (int c = 0; c < result[t].length; c++) {
                result[t][c] = logits[t][c] - largest - Math.log(sum);
            }
        }
        return result;
    }

    /** What a path says: repetitions merged, then blanks removed. */
    public static List<Integer> collapse(int[] path, int blank) {
        List<Integer> labels = new ArrayList<>();
        for (int t = 0; t < path.length; t++) {
            if (path[t] != blank && (t == 0 || path[t] != path[t - 1])) {
                labels.add(path[t]);
            }
        }
        return labels;
    }

    /** Hands over every path and its log-probability. */
    public static void eachPath(double[][] logProbabilities, BiConsumer<int[], Double> consumer) {
        eachPath(logProbabilities, new int[logProbabilities.length], 0, 0, consumer);
    }

    private static void eachPath(
            double[][] logProbabilities, int[] path, int t, double sum, BiConsumer<int[], Double> consumer) {
        if (t == path.length) {
            consumer.accept(path, sum);
            return;
        }
        for (int c = 0; c < logProbabilities[t].length; c++) {
            path[t] = c;
            eachPath(logProbabilities, path, t + 1, sum + logProbabilities[t][c], consumer);
        }
    }

    /** Minus the logarithm of the sum over all paths; infinite if none gives the labels. */
    public static double lossOfAllPaths(double[][] logits, List<Integer> labels, int blank) {
        double[] sum = new double[1];
        eachPath(logSoftmax(logits), (path, logProbability) -> {
            if (collapse(path, blank).equals(labels)) {
                sum[0] += Math.exp(logProbability);
            }
        });
        return -Math.log(sum[0]);
    }

    /** The same by the paths to each pair of labels read and whether a blank came last, without states of labels. */
    public static double loss(double[][] logits, List<Integer> labels, int blank) {
        int count = labels.size();
        double[] inBlank = new double[count + 1];
        double[] inLabel = new double[count + 1];
        Arrays.fill(inBlank, Double.NEGATIVE_INFINITY);
        Arrays.fill(inLabel, Double.NEGATIVE_INFINITY);
        inBlank[0] = 0;
        for (double[] step : logSoftmax(logits)) {
            for (int read = count; read >= 0; read--) {
                double stays = inLabel[read];
                if (read > 0) {
                    boolean repeats = read > 1 && labels.get(read - 1).equals(labels.get(read - 2));
                    double from = repeats ? Double.NEGATIVE_INFINITY : inLabel[read - 1];
                    double label = step[labels.get(read - 1)];
                    inLabel[read] = add(add(stays, inBlank[read - 1]), from) + label;
                }
                inBlank[read] = add(inBlank[read], stays) + step[blank];
            }
        }
        return -add(inBlank[count], inLabel[count]);
    }

    private static double add(double a, double b) {
        double most = Math.max(a, b);
        return most == Double.NEGATIVE_INFINITY ? most : most + Math.log1p(Math.exp(Math.min(a, b) - most));
    }
}
