package org.gatefold.spark.training;

import java.util.List;
import java.util.function.Consumer;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.util.CollectionAccumulator;
import org.gatefold.train.report.EpochReport;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Tells the driver of epochs while they are trained. The first worker adds each to an accumulator, which its executor sends with its
 * heartbeats. Each epoch is told once, in order, by a thread of Spark's or by that which fits.
 */
public final class EpochProgress extends SparkListener implements AutoCloseable {
    private final SparkContext context;
    private final CollectionAccumulator<Trained.Epoch> epochs = new CollectionAccumulator<>();
    private final Consumer<EpochReport> told;
    private int next;

    /** @param told null for nobody */
    public EpochProgress(SparkContext context, Consumer<EpochReport> told) {
        this.context = context;
        this.told = told;
        context.register(epochs, "epochs of Gatefold");
        if (told != null) {
            context.addSparkListener(this);
        }
    }

    public CollectionAccumulator<Trained.Epoch> epochs() {
        return epochs;
    }

    @Override
    public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate update) {
        CollectionConverters.asJava(update.accumUpdates())
                .forEach(task -> CollectionConverters.asJava(task._4()).forEach(this::read));
    }

    private void read(AccumulableInfo info) {
        if (info.id() == epochs.id()
                && info.update().isDefined()
                && info.update().get() instanceof List<?> sofar) {
            tell(sofar.stream()
                    .map(Trained.Epoch.class::cast)
                    .map(Trained.Epoch::report)
                    .toList());
        }
    }

    /** Tells those that were not told yet; an epoch that is trained again after a failure is not told again. */
    public synchronized void tell(List<EpochReport> reports) {
        for (EpochReport report : reports) {
            if (told != null && report.epoch() >= next) {
                told.accept(report);
                next = report.epoch() + 1;
            }
        }
    }

    @Override
    public void close() {
        if (told != null) {
            context.removeSparkListener(this);
        }
    }
}
