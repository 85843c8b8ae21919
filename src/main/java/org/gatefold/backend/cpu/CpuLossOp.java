package org.gatefold.backend.cpu;

import org.gatefold.op.loss.LossOp;

/** Losses by the native engine. Thread-safe. */
final class CpuLossOp extends CpuOperation implements LossOp {
    CpuLossOp(Engine engine) {
        super(engine);
    }

    @Override
    public void computePointwise(PointwiseArguments given) {
        engine.run(
                "pointwise loss",
                e -> NativeLibrary.pointwiseLoss(
                        e,
                        given.function().kind().code(),
                        given.parts(),
                        given.terms(),
                        given.function().first(),
                        given.function().second(),
                        given.target().shape().dim(0),
                        given.target().shape().dim(1),
                        Addresses.of(given.table()),
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
                        Addresses.of(given.classWeights()),
                        Addresses.of(given.weights()),
                        given.loss().address(),
                        Addresses.of(given.dLogits())));
    }

    @Override
    public void computeCosineEmbedding(CosineEmbeddingArguments given) {
        engine.run(
                "cosine embedding loss",
                e -> NativeLibrary.cosineEmbeddingLoss(
                        e,
                        given.a().shape().dim(0),
                        given.a().shape().dim(1),
                        given.a().address(),
                        given.b().address(),
                        Addresses.of(given.together()),
                        given.margin(),
                        Addresses.of(given.weights()),
                        given.loss().address(),
                        Addresses.of(given.dA()),
                        Addresses.of(given.dB())));
    }
}
