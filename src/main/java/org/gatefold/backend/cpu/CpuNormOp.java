package org.gatefold.backend.cpu;

import org.gatefold.op.norm.NormOp;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;

/** Normalisation by the native engine. Thread-safe. */
final class CpuNormOp extends CpuOperation implements NormOp {
    CpuNormOp(Engine engine) {
        super(engine);
    }

    private static int batch(Lengths lengths) {
        return lengths == null ? 1 : lengths.batch();
    }

    @Override
    public void computeLayerNorm(LayerNormArguments given) {
        engine.run(
                "layer normalisation",
                e -> NativeLibrary.layerNormForward(
                        e,
                        given.x().shape().dim(0),
                        given.x().shape().dim(1),
                        given.x().address(),
                        Addresses.of(given.gamma()),
                        Addresses.of(given.beta()),
                        given.epsilon(),
                        given.y().address()));
    }

    @Override
    public void computeLayerNormBackward(LayerNormGradients given) {
        engine.run(
                "layer normalisation backward",
                e -> NativeLibrary.layerNormBackward(
                        e,
                        given.x().shape().dim(0),
                        given.x().shape().dim(1),
                        given.x().address(),
                        Addresses.of(given.gamma()),
                        given.epsilon(),
                        given.dy().address(),
                        Addresses.of(given.dx()),
                        Addresses.of(given.dgamma()),
                        Addresses.of(given.dbeta())));
    }

    @Override
    public void computeBatchStatistics(BatchStatisticsArguments given) {
        Shape shape = given.x().shape();
        engine.run(
                "batch statistics",
                e -> NativeLibrary.batchStatistics(
                        e,
                        shape.dim(0),
                        shape.dim(1),
                        shape.dim(2),
                        batch(given.lengths()),
                        given.x().address(),
                        Addresses.of(given.lengths()),
                        given.momentum(),
                        given.mean().address(),
                        given.variance().address(),
                        Addresses.of(given.runningMean()),
                        Addresses.of(given.runningVariance())));
    }

    @Override
    public void computeBatchNorm(BatchNormArguments given) {
        Shape shape = given.x().shape();
        engine.run(
                "batch normalisation",
                e -> NativeLibrary.batchNormForward(
                        e,
                        shape.dim(0),
                        shape.dim(1),
                        shape.dim(2),
                        batch(given.lengths()),
                        given.x().address(),
                        Addresses.of(given.lengths()),
                        given.mean().address(),
                        given.variance().address(),
                        Addresses.of(given.gamma()),
                        Addresses.of(given.beta()),
                        given.epsilon(),
                        given.y().address()));
    }

    @Override
    public void computeBatchNormBackward(BatchNormGradients given) {
        Shape shape = given.x().shape();
        engine.run(
                "batch normalisation backward",
                e -> NativeLibrary.batchNormBackward(
                        e,
                        given.ofBatch(),
                        shape.dim(0),
                        shape.dim(1),
                        shape.dim(2),
                        batch(given.lengths()),
                        given.x().address(),
                        Addresses.of(given.lengths()),
                        given.mean().address(),
                        given.variance().address(),
                        Addresses.of(given.gamma()),
                        given.epsilon(),
                        given.dy().address(),
                        Addresses.of(given.dx()),
                        Addresses.of(given.dgamma()),
                        Addresses.of(given.dbeta())));
    }
}
