package org.gatefold.benchmarks.libtorch;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.gatefold.benchmarks.contract.PreparedPass;
import org.gatefold.benchmarks.contract.Results;
import org.gatefold.benchmarks.contract.Workload;

/** The module's forward in inference mode. Owns the model. */
final class LibTorchInference implements PreparedPass {
    private final LibTorchModel model;

    LibTorchInference(LibTorchModel model, Workload workload) {
        this.model = model;
        model.module().eval();
    }

    @Override
    public void run() {
        try (PointerScope scope = new PointerScope();
                InferenceMode mode = new InferenceMode(true)) {
            model.forward();
        }
    }

    @Override
    public Results runChecked() {
        try (PointerScope scope = new PointerScope();
                InferenceMode mode = new InferenceMode(true)) {
            return model.outputs(model.forward());
        }
    }

    @Override
    public void close() {
        model.close();
    }
}
