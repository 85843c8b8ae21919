package org.gatefold.benchmarks.contract;

/** A pass that is ready to be repeated. Owns its native memory until closed; for one thread. */
public interface PreparedPass extends AutoCloseable {
    /** One iteration, complete when it returns. This is what is timed. */
    void run();

    /** Time of so many iterations in a row, in nanoseconds: by the clock, or by the device's own. */
    default double nanos(int iterations) {
        long start = System.nanoTime();
        for (int i = 0; i < iterations; i++) {
            run();
        }
        return System.nanoTime() - start;
    }

    /** How long the iterations last at least that are timed together: where iterations are submitted, not done, many at a time. */
    default long sampleNanos() {
        return 0;
    }

    /** How many iterations last so long; runs some. */
    default int iterationsOfSample() {
        if (sampleNanos() == 0) {
            return 1;
        }
        run();
        return (int) Math.ceil(sampleNanos() / Math.max(1000, nanos(1)));
    }

    /** Bytes that this pass holds on a device; 0 where it computes on the host. */
    default long deviceBytes() {
        return 0;
    }

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
