package org.gatefold.train.metric;

import java.util.function.ToDoubleFunction;

/** Weighted counts of label against prediction, and measures of them. One thread at a time. */
final class Confusion implements Metric.Accumulator {
    private final int ignoreIndex;
    private final ToDoubleFunction<Confusion> measure;
    private double[][] counts = {};

    Confusion(int ignoreIndex, ToDoubleFunction<Confusion> measure) {
        this.ignoreIndex = ignoreIndex;
        this.measure = measure;
    }

    @Override
    public void add(Predictions predictions) {
        predictions.requireLabels();
        if (counts.length == 0) {
            counts = new double[predictions.size()][predictions.size()];
        }
        for (int n = 0; n < predictions.rows(); n++) {
            double w = predictions.weight(n);
            int label = predictions.label(n);
            if (w == 0 || label == ignoreIndex) {
                continue;
            }
            if (label < 0 || label >= counts.length) {
                throw new IllegalArgumentException(
                        "label of row " + n + ": expected 0 to " + (counts.length - 1) + ", got " + label);
            }
            counts[label][predictions.predictedClass(n)] += w;
        }
    }

    @Override
    public double value() {
        return measure.applyAsDouble(this);
    }

    double accuracy() {
        double right = 0;
        double all = 0;
        for (int i = 0; i < counts.length; i++) {
            right += counts[i][i];
            all += labelled(i);
        }
        return right / all;
    }

    double macroF1() {
        double sum = 0;
        int classes = 0;
        for (int i = 0; i < counts.length; i++) {
            double both = labelled(i) + predicted(i);
            if (both > 0) {
                sum += 2 * counts[i][i] / both;
                classes++;
            }
        }
        return sum / classes;
    }

    double microF1(int background) {
        double right = 0;
        double both = 0;
        for (int i = 0; i < counts.length; i++) {
            if (i != background) {
                right += counts[i][i];
                both += labelled(i) + predicted(i);
            }
        }
        return 2 * right / both;
    }

    private double labelled(int label) {
        double sum = 0;
        for (double count : counts[label]) {
            sum += count;
        }
        return sum;
    }

    private double predicted(int label) {
        double sum = 0;
        for (double[] row : counts) {
            sum += row[label];
        }
        return sum;
    }
}
