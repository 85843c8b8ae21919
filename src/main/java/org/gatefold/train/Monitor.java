package org.gatefold.train;

import org.gatefold.train.report.EpochReport;

/**
 * What is looked at to tell which of two epochs is better.
 *
 * @param metric of the validation data, by name; null for the loss
 * @param higherIsBetter of the metric
 */
record Monitor(String metric, boolean higherIsBetter) {
    /** The validation loss, or the training loss without validation data. */
    static final Monitor LOSS = new Monitor(null, false);

    /** How bad an epoch was, so that the lowest is the best; a metric that is NaN is worse than all others. */
    double of(EpochReport report) {
        if (metric == null) {
            return report.monitored();
        }
        Double value = report.metrics().get(metric);
        if (value == null || Double.isNaN(value)) {
            return Double.POSITIVE_INFINITY;
        }
        return higherIsBetter ? -value : value;
    }
}
