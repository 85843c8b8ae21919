package org.gatefold.backend.cpu;

import org.gatefold.op.loss.LossOp;
import org.gatefold.tensor.Tensor;

/** Losses by the native engine. Thread-safe. */
final class CpuLossOp implements LossOp {
    private final Engine engine;

    CpuLossOp(Engine engine) {
        this.engine = engine;
    }

    @Override
    public String name() {
        return CpuBackend.NAME;
    }

    @Override
    public void computeRegression(
            Regression kind,
            float delta,
            Tensor prediction,
            Tensor target,
            Tensor weights,
            Tensor loss,
            Tensor dPrediction) {
        int code =
                switch (kind) {
                    case MSE -> 0;
                    case MAE -> 1;
                    case HUBER -> 2;
                };
        engine.run(
                "regression loss",
                e -> NativeLibrary.regressionLoss(
                        e,
                        code,
                        delta,
                        prediction.shape().dim(0),
                        prediction.shape().dim(1),
                        prediction.address(),
                        target.address(),
                        Addresses.of(weights),
                        loss.address(),
                        Addresses.of(dPrediction)));
    }

    @Override
    public void computeCrossEntropy(
            Tensor logits,
            Tensor labels,
            int ignoreIndex,
            float smoothing,
            Tensor weights,
            Tensor loss,
            Tensor dLogits) {
        engine.run(
                "cross-entropy",
                e -> NativeLibrary.crossEntropy(
                        e,
                        logits.shape().dim(0),
                        logits.shape().dim(1),
                        logits.address(),
                        labels.address(),
                        ignoreIndex,
                        smoothing,
                        Addresses.of(weights),
                        loss.address(),
                        Addresses.of(dLogits)));
    }
}
