package org.gatefold.benchmarks.models;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import org.gatefold.benchmarks.models.architecture.WholeModel;
import org.gatefold.train.report.EpochReport;
import org.gatefold.train.report.StepReport;
import org.gatefold.train.report.TrainingListener;

/**
 * Lets others work between the epochs of Gatefold's training, so that all take turns and the training stays one, and times each. One thread
 * counts the processor's time of the thread that trains, which other work on the machine changes less than the clock's; several the clock's.
 */
final class Turns implements TrainingListener {
    private final boolean byProcessor;
    private final int untimed;
    private final List<Runnable> others;
    private final Check check;
    private final float[] losses = new float[WholeModel.UPDATES];
    private final List<List<Double>> seconds = new ArrayList<>();
    private final ThreadMXBean processor = ManagementFactory.getThreadMXBean();
    private long begun;

    /** What is wanted of the losses of Gatefold's first epoch. */
    interface Check {
        void check(float... losses);
    }

    /** @param untimed epochs before the first that counts */
    Turns(int threads, int untimed, List<Runnable> others, Check check) {
        byProcessor = threads == 1;
        this.untimed = untimed;
        this.others = others;
        this.check = check;
        for (int i = 0; i <= others.size(); i++) {
            seconds.add(new ArrayList<>());
        }
    }

    @Override
    public void started(int epoch, int epochs, int batches) {
        begun = now();
    }

    @Override
    public void stepped(StepReport report) {
        if (report.epoch() == 0) {
            losses[report.batch()] = report.loss();
        }
    }

    @Override
    public void epochEnded(EpochReport report) {
        double own = (now() - begun) / 1e9;
        if (report.epoch() == 0) {
            check.check(losses);
        }
        if (report.epoch() >= untimed) {
            seconds.get(0).add(own);
            for (int i = 0; i < others.size(); i++) {
                begun = now();
                others.get(i).run();
                seconds.get(i + 1).add((now() - begun) / 1e9);
            }
        } else {
            others.forEach(Runnable::run);
        }
        begun = now();
    }

    private long now() {
        return byProcessor ? processor.getCurrentThreadCpuTime() : System.nanoTime();
    }

    /** Of every round, those of Gatefold's epoch and, behind them, of each of the others. */
    List<List<Double>> seconds() {
        return seconds;
    }
}
