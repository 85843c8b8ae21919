package org.gatefold.benchmarks.gatefold;

import org.gatefold.benchmarks.contract.PreparedPass;
import org.gatefold.benchmarks.contract.Results;

/** The plan's inference. Owns the model. */
final class GatefoldInference implements PreparedPass {
    private final GatefoldModel model;

    GatefoldInference(GatefoldModel model) {
        this.model = model;
    }

    @Override
    public void run() {
        model.infer();
        model.synchronize();
    }

    @Override
    public Results runChecked() {
        run();
        return model.outputs();
    }

    @Override
    public void close() {
        model.close();
    }
}
