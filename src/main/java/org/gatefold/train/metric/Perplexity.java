package org.gatefold.train.metric;

/** The exponential of the weighted mean of {@code -log softmax(outputs)[label]}. One thread at a time. */
final class Perplexity implements Metric.Accumulator {
    private final int ignoreIndex;
    private double sum;
    private double weight;

    Perplexity(int ignoreIndex) {
        this.ignoreIndex = ignoreIndex;
    }

    @Override
    public void add(Predictions predictions) {
        predictions.requireLabels();
        for (int n = 0; n < predictions.rows(); n++) {
            double w = predictions.weight(n);
            if (w != 0 && predictions.label(n) != ignoreIndex) {
                sum += w * (logSumExp(predictions, n) - predictions.output(n, predictions.label(n)));
                weight += w;
            }
        }
    }

    @Override
    public double value() {
        return Math.exp(sum / weight);
    }

    private static double logSumExp(Predictions predictions, int n) {
        double largest = predictions.output(n, predictions.predictedClass(n));
        double total = 0;
        for (int i = 0; i < predictions.size(); i++) {
            total += Math.exp(predictions.output(n, i) - largest);
        }
        return largest + Math.log(total);
    }
}
