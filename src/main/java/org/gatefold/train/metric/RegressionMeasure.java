package org.gatefold.train.metric;

import java.util.function.DoubleUnaryOperator;

/** A weighted mean of a function of the differences, and a function of that mean. One thread at a time. */
final class RegressionMeasure implements Metric.Accumulator {
    private final DoubleUnaryOperator each;
    private final DoubleUnaryOperator whole;
    private double sum;
    private double weight;

    RegressionMeasure(DoubleUnaryOperator each, DoubleUnaryOperator whole) {
        this.each = each;
        this.whole = whole;
    }

    @Override
    public void add(Predictions predictions) {
        predictions.requireNumbers();
        for (int n = 0; n < predictions.rows(); n++) {
            double w = predictions.weight(n);
            if (w == 0) {
                continue;
            }
            for (int i = 0; i < predictions.size(); i++) {
                sum += w * each.applyAsDouble((double) predictions.output(n, i) - predictions.target(n, i));
            }
            weight += w * predictions.size();
        }
    }

    @Override
    public double value() {
        return whole.applyAsDouble(sum / weight);
    }
}
