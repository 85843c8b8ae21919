package org.gatefold.benchmarks.libtorch;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.gatefold.benchmarks.contract.Results;

/** The module's forward in inference mode. */
final class LibTorchInference extends LibTorchPass {
    LibTorchInference(LibTorchModel model) {
        super(model);
        model.module().eval();
    }

    @Override
    protected void submit() {
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
}
