package org.gatefold.benchmarks.gatefold;

import org.gatefold.benchmarks.contract.SubmittedPass;

/** A pass that is submitted to a device, and timed by its clock. Owns the model. */
abstract class GatefoldPass extends SubmittedPass {
    final GatefoldModel model;

    GatefoldPass(GatefoldModel model) {
        this.model = model;
    }

    @Override
    protected final void await() {
        model.synchronize();
    }

    @Override
    protected final boolean onHost() {
        return model.onHost();
    }

    @Override
    public double nanos(int iterations) {
        return model.nanos(this::submit, iterations);
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
