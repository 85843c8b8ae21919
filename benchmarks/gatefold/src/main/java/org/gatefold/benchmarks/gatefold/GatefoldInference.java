package org.gatefold.benchmarks.gatefold;

import org.gatefold.benchmarks.contract.Results;

/** The plan's inference. */
final class GatefoldInference extends GatefoldPass {
    GatefoldInference(GatefoldModel model) {
        super(model);
    }

    @Override
    protected void submit() {
        model.infer();
    }

    @Override
    public Results runChecked() {
        run();
        return model.outputs();
    }
}
