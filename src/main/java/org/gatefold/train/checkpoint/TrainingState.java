package org.gatefold.train.checkpoint;

import com.google.gson.JsonElement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.train.report.EpochReport;

/**
 * All of a training run but weights and optimiser state; written as JSON.
 *
 * <p>Numbers are written so that they read back exactly. Used by the training thread alone.
 */
public final class TrainingState {
    static final int FORMAT = 1;

    int format = FORMAT;

    /** The file beside this one that holds the weights. */
    String weights;

    public JsonElement model;
    public String optimizer;

    /** What the losses of {@link #epochs} are; null in checkpoints that did not keep it. */
    public String loss;

    public String schedule;
    public String data;

    /** Seed of the dropout masks; with {@link #passes} it is all the state that randomness has. */
    public long seed;

    /** Updates done. */
    public long step;

    /** Forward passes done in training. */
    public long passes;

    public float lossScale;

    /** Updates since the loss scale last changed. */
    public int updatesAtLossScale;

    /** Updates that were not made because of gradients that were not finite. */
    public long skipped;

    /** The current epoch. */
    public int epoch;

    /** The next batch of the current epoch. */
    public int batch;

    public double epochLoss;
    public double epochWeight;
    public long epochNanos;
    public List<EpochRecord> epochs = new ArrayList<>();

    /** What the run depends on beside the model, as {@code Trainer.data} was told: fingerprints by source. */
    public Map<String, String> fingerprints = new LinkedHashMap<>();

    public Map<String, String> metadata = new LinkedHashMap<>();

    /** An {@link EpochReport} in types that JSON knows. */
    public record EpochRecord(
            int epoch,
            long step,
            double trainingLoss,
            Double validationLoss,
            Map<String, Double> metrics,
            float learningRate,
            float lossScale,
            long skipped,
            long nanos) {
        public EpochReport report() {
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

        public static EpochRecord of(EpochReport report) {
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
