package org.gatefold.train;

import com.google.gson.JsonElement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All of a training run but weights and optimiser state; written as JSON.
 *
 * <p>Numbers are written so that they read back exactly. Used by the training thread alone.
 */
final class TrainingState {
    static final int FORMAT = 1;

    int format = FORMAT;

    /** The file beside this one that holds the weights. */
    String weights;

    JsonElement model;
    String optimizer;
    String schedule;
    String data;

    /** Seed of the dropout masks; with {@link #passes} it is all the state that randomness has. */
    long seed;

    /** Updates done. */
    long step;

    /** Forward passes done in training. */
    long passes;

    float lossScale;

    /** Updates since the loss scale last changed. */
    int updatesAtLossScale;

    /** Updates that were not made because of gradients that were not finite. */
    long skipped;

    /** The current epoch. */
    int epoch;

    /** The next batch of the current epoch. */
    int batch;

    double epochLoss;
    double epochWeight;
    long epochNanos;
    List<EpochRecord> epochs = new ArrayList<>();
    Map<String, String> metadata = new LinkedHashMap<>();

    /** An {@link EpochReport} in types that JSON knows. */
    record EpochRecord(
            int epoch,
            long step,
            double trainingLoss,
            Double validationLoss,
            Map<String, Double> metrics,
            float learningRate,
            float lossScale,
            long skipped,
            long nanos) {
        EpochReport report() {
            return new EpochReport(
                    epoch,
                    step,
                    trainingLoss,
                    validationLoss,
                    metrics,
                    learningRate,
                    lossScale,
                    skipped,
                    Duration.ofNanos(nanos));
        }

        static EpochRecord of(EpochReport report) {
            return new EpochRecord(
                    report.epoch(),
                    report.step(),
                    report.trainingLoss(),
                    report.validationLoss(),
                    report.metrics(),
                    report.learningRate(),
                    report.lossScale(),
                    report.skipped(),
                    report.duration().toNanos());
        }
    }
}
