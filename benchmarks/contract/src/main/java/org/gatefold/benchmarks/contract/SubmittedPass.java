package org.gatefold.benchmarks.contract;

/** A pass that is submitted to a device, many in a row before one waits for them. For one thread. */
public abstract class SubmittedPass implements PreparedPass {
    /** So long that neither submission nor the wait at its end counts. */
    private static final long SAMPLE_NANOS = 2_000_000;

    /** Submits one iteration; it need not be complete. */
    protected abstract void submit();

    /** Waits for all that was submitted. */
    protected abstract void await();

    /** True where submitting an iteration does it, so that each is timed alone. */
    protected boolean onHost() {
        return false;
    }

    @Override
    public final void run() {
        submit();
        await();
    }

    @Override
    public double nanos(int iterations) {
        long start = System.nanoTime();
        for (int i = 0; i < iterations; i++) {
            submit();
        }
        await();
        return System.nanoTime() - start;
    }

    @Override
    public final long sampleNanos() {
        return onHost() ? 0 : SAMPLE_NANOS;
    }
}
