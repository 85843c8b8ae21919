package org.gatefold.benchmarks.libtorch;

import org.gatefold.benchmarks.contract.PreparedPass;

/** A pass of the module, on a device many in a row before the clock is read. Owns the model. */
abstract class LibTorchPass implements PreparedPass {
    final LibTorchModel model;

    LibTorchPass(LibTorchModel model) {
        this.model = model;
    }

    /** One iteration, which on a device need not be complete. */
    abstract void submit();

    @Override
    public void run() {
        submit();
        model.place().synchronize();
    }

    @Override
    public double nanos(int iterations) {
        long start = System.nanoTime();
        for (int i = 0; i < iterations; i++) {
            submit();
        }
        model.place().synchronize();
        return System.nanoTime() - start;
    }

    @Override
    public long sampleNanos() {
        return model.place().onHost() ? 0 : TorchPlace.SAMPLE_NANOS;
    }

    @Override
    public void close() {
        model.close();
    }
}
