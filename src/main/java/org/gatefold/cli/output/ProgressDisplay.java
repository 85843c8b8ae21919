package org.gatefold.cli.output;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.gatefold.train.report.EpochReport;
import org.gatefold.train.report.History;
import org.gatefold.train.report.StepReport;
import org.gatefold.train.report.TrainingListener;

/**
 * Shows how training goes: a bar on a terminal, else a line for some of the epochs; with the loss, rows and time steps
 * per second of training, and where it runs.
 *
 * <p>Used by the training thread alone; close it when training ended, however it did.
 */
public final class ProgressDisplay implements TrainingListener, AutoCloseable {
    private static final int BAR_WIDTH = 160;
    private static final int REFRESH_MILLISECONDS = 200;
    private static final int LINES = 20;

    private final PrintStream out;
    private final String where;
    private final boolean terminal;
    private final LongSupplier nanoseconds;
    private ProgressBar bar;
    private int epochs;
    private int batches;
    private int first;
    private long since;
    private long last;
    private long rows;
    private long steps;
    private String rate = "";

    /**
     * @param where device and implementation
     * @param terminal whether {@code out} is one that a line can be overwritten on
     */
    public ProgressDisplay(PrintStream out, String where, boolean terminal) {
        this(out, where, terminal, System::nanoTime);
    }

    /** @param nanoseconds tells the time, from any moment on */
    public ProgressDisplay(PrintStream out, String where, boolean terminal, LongSupplier nanoseconds) {
        this.out = out;
        this.where = where;
        this.terminal = terminal;
        this.nanoseconds = nanoseconds;
    }

    @Override
    public void started(int epoch, int allEpochs, int epochBatches) {
        epochs = allEpochs;
        batches = epochBatches;
        first = epoch;
        since = nanoseconds.getAsLong();
        out.println(
                (epoch > 0 ? "going on with epoch " + (epoch + 1) + " of " + epochs : "training " + epochs + " epochs")
                        + " of " + batches + " batches on " + where);
        if (terminal) {
            bar = new ProgressBarBuilder()
                    .setTaskName("training")
                    .setInitialMax((long) epochs * batches)
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis(REFRESH_MILLISECONDS)
                    .setMaxRenderedLength(BAR_WIDTH)
                    .setConsumer(new ConsoleProgressBarConsumer(out, BAR_WIDTH))
                    .build();
            bar.stepTo((long) epoch * batches);
        }
    }

    @Override
    public void stepped(StepReport report) {
        rows += report.rows();
        steps += report.steps();
        last = nanoseconds.getAsLong();
        if (bar != null) {
            if (last - since >= REFRESH_MILLISECONDS * 1_000_000L) {
                measure();
            }
            bar.stepTo((long) report.epoch() * batches + report.batch() + 1);
            bar.setExtraMessage(
                    text("epoch %d/%d, loss %.4f, %s, %s", report.epoch() + 1, epochs, report.loss(), rate, where));
        }
    }

    @Override
    public void epochEnded(EpochReport report) {
        measure();
        // Rows held back have been answered since the last update.
        since = nanoseconds.getAsLong();
        int epoch = report.epoch() + 1;
        if (bar != null) {
            return;
        }
        int every = Math.max(1, epochs / LINES);
        if (epoch % every == 0 || epoch == epochs || report.epoch() == first) {
            out.println(text("epoch %d/%d: loss %.4f%s, %s", epoch, epochs, report.trainingLoss(), held(report), rate));
        }
    }

    private static String held(EpochReport report) {
        StringBuilder held = new StringBuilder();
        if (report.validationLoss() != null) {
            held.append(text(", validation loss %.4f", report.validationLoss()));
        }
        if (report.lossScale() != 1f) {
            held.append(text(", loss scale %.0f, %d skipped", report.lossScale(), report.skipped()));
        }
        report.metrics().forEach((name, value) -> held.append(text(", %s %.4f", name, value)));
        return held.toString();
    }

    @Override
    public void ended(History history) {
        close();
        if (history.end() == History.End.STOPPED_EARLY) {
            out.println(text(
                    "stopped early; the weights are those of epoch %d%s",
                    history.bestEpoch() + 1, held(history.best())));
        }
    }

    /** Renews the rates by the updates since they were last. */
    private void measure() {
        double seconds = (last - since) * 1e-9;
        if (rows > 0 && seconds > 0) {
            rate = text("%,.0f samples/s, %,.0f steps/s", rows / seconds, steps / seconds);
        }
        since = last;
        rows = 0;
        steps = 0;
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
