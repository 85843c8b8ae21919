package org.gatefold.train.metric;

import java.util.function.ToDoubleFunction;

/** Weighted counts of label against prediction, and a measure of them. One thread at a time. */
final class Confusion implements Metric.Accumulator {
    private final int ignoreIndex;
    private final ToDoubleFunction<ClassScores> measure;
    private double[][] counts = {};

    Confusion(int ignoreIndex, ToDoubleFunction<ClassScores> measure) {
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
        return measure.applyAsDouble(ClassScores.of(counts));
    }
}
