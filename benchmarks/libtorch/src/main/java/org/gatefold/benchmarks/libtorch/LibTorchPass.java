package org.gatefold.benchmarks.libtorch;

import org.gatefold.benchmarks.contract.SubmittedPass;

/** A pass of the module, on a device many in a row before the clock is read. Owns the model. */
abstract class LibTorchPass extends SubmittedPass {
    final LibTorchModel model;

    LibTorchPass(LibTorchModel model) {
        this.model = model;
    }

    @Override
    protected final void await() {
        model.place().synchronize();
    }

    @Override
    protected final boolean onHost() {
        return model.place().onHost();
    }

    @Override
    public void close() {
        model.close();
    }
}
