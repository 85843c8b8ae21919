package org.gatefold.backend.cpu;

import org.gatefold.op.loss.LossOp;

/** Losses by the native engine. Thread-safe. */
final class CpuLossOp extends CpuOperation implements LossOp {
    CpuLossOp(Engine engine) {
        super(engine);
    }

    @Override
    public void computeRegression(RegressionArguments given) {
        engine.run(
                "regression loss",
                e -> NativeLibrary.regressionLoss(
                        e,
                        given.kind().code(),
                        given.delta(),
                        given.prediction().shape().dim(0),
                        given.prediction().shape().dim(1),
                        given.prediction().address(),
                        given.target().address(),
                        Addresses.of(given.weights()),
                        given.loss().address(),
                        Addresses.of(given.dPrediction())));
    }

    @Override
    public void computeCrossEntropy(CrossEntropyArguments given) {
        engine.run(
                "cross-entropy",
                e -> NativeLibrary.crossEntropy(
                        e,
                        given.logits().shape().dim(0),
                        given.logits().shape().dim(1),
                        given.logits().address(),
                        given.labels().address(),
                        given.ignoreIndex(),
                        given.smoothing(),
                        Addresses.of(given.weights()),
                        given.loss().address(),
                        Addresses.of(given.dLogits())));
    }
}
