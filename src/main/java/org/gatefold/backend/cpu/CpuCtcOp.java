package org.gatefold.backend.cpu;

import org.gatefold.op.ctc.CtcOp;

/** Connectionist temporal classification by the native engine, rows side by side. Thread-safe. */
final class CpuCtcOp extends CpuOperation implements CtcOp {
    CpuCtcOp(Engine engine) {
        super(engine);
    }

    @Override
    public void computeLoss(LossArguments given) {
        int[] settings = {
            given.logits().shape().dim(0),
            given.logits().shape().dim(1),
            given.logits().shape().dim(2),
            given.labels().shape().dim(0),
            given.spec().blank(),
            given.spec().reduction().code(),
            given.spec().zeroInfinity() ? 1 : 0
        };
        engine.run(
                "CTC loss",
                e -> NativeLibrary.ctcLoss(
                        e,
                        settings,
                        given.logits().address(),
                        Addresses.of(given.steps()),
                        given.labels().address(),
                        Addresses.of(given.counts()),
                        Addresses.of(given.weights()),
                        given.loss().address(),
                        Addresses.of(given.dLogits())));
    }
}
