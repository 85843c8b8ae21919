package org.gatefold.spark.training;

import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.gatefold.train.report.EpochReport;

/** What the first worker gives to the driver: the model's file, and how training went. Immutable. */
public final class Trained implements Serializable {
    private static final long serialVersionUID = 1L;

    private final byte[] file;
    private final List<Epoch> epochs;

    /** A report as it travels. */
    record Epoch(
            int epoch,
            long step,
            double trainingLoss,
            Double validationLoss,
            TreeMap<String, Double> metrics,
            float learningRate,
            float lossScale,
            long skipped,
            Duration duration)
            implements Serializable {
        private static final long serialVersionUID = 1L;

        static Epoch of(EpochReport report) {
            return new Epoch(
                    report.epoch(),
                    report.step(),
                    report.trainingLoss(),
                    report.validationLoss(),
                    new TreeMap<>(report.metrics()),
                    report.learningRate(),
                    report.lossScale(),
                    report.skipped(),
                    report.duration());
        }

        EpochReport report() {
            return new EpochReport(
                    epoch,
                    step,
                    trainingLoss,
                    validationLoss,
                    Map.copyOf(metrics),
                    learningRate,
                    lossScale,
                    skipped,
                    duration);
        }
    }

    Trained(byte[] file, List<EpochReport> reports) {
        this.file = file.clone();
        this.epochs = reports.stream().map(Epoch::of).toList();
    }

    public byte[] file() {
        return file.clone();
    }

    public List<EpochReport> reports() {
        return epochs.stream().map(Epoch::report).toList();
    }
}
