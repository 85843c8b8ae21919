package org.gatefold.train.report;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One finished epoch.
 *
 * @param epoch counted from 0
 * @param step updates done since the beginning of training
 * @param trainingLoss mean over the epoch's batches, each as it was before its update
 * @param validationLoss after the epoch; null without validation data
 * @param metrics of the validation data by name, in the order they were asked for
 * @param learningRate of the epoch's last update
 * @param lossScale by which the loss will be multiplied in the next update; 1 without loss scaling
 * @param skipped updates not made since the beginning of training because gradients were not finite
 * @param duration of training and validation together
 */
public record EpochReport(
        int epoch,
        long step,
        double trainingLoss,
        Double validationLoss,
        Map<String, Double> metrics,
        float learningRate,
        float lossScale,
        long skipped,
        Duration duration) {
    public EpochReport {
        metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
    }

    /** What schedules and early stopping look at: the validation loss, or the training loss without validation data. */
    public double monitored() {
        return validationLoss == null ? trainingLoss : validationLoss;
    }
}
