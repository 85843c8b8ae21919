package org.gatefold.benchmarks.gatefold;

import org.gatefold.benchmarks.contract.PreparedPass;

/** A pass that is submitted to a device, and timed by its clock. Owns the model. */
abstract class GatefoldPass implements PreparedPass {
    final GatefoldModel model;

    GatefoldPass(GatefoldModel model) {
        this.model = model;
    }

    /** Submits one iteration; it need not be complete. */
    abstract void submit();

    @Override
    public void run() {
        submit();
        model.synchronize();
    }

    @Override
    public double nanos(int iterations) {
        return model.nanos(this::submit, iterations);
    }

    @Override
    public long sampleNanos() {
        return model.sampleNanos();
    }

    @Override
    public long deviceBytes() {
        return model.deviceBytes();
    }

    @Override
    public void close() {
        model.close();
    }
}
