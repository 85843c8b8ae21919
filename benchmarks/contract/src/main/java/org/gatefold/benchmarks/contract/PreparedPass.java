package org.gatefold.benchmarks.contract;

/** A pass that is ready to be repeated. Owns its native memory until closed; for one thread. */
public interface PreparedPass extends AutoCloseable {
    /** One iteration, complete when it returns. This is what is timed. */
    void run();

    /**
     * Called once before anything else, on the weights of the workload: does what {@link #run} does and hands out what
     * was computed. {@link Pass#INFERENCE}: y, hn, cn. {@link Pass#TRAINING_PASS}: these, dx and the gradients of all
     * weights. {@link Pass#TRAINING_STEP}: {@code loss} with the {@link TrainingStep#CHECKED_STEPS} losses before each
     * of as many updates.
     */
    Results runChecked();

    @Override
    void close();
}
