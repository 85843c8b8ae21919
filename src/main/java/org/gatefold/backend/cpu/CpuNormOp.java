package org.gatefold.backend.cpu;

import org.gatefold.op.norm.NormOp;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/** Normalisation by the native engine. Thread-safe. */
final class CpuNormOp implements NormOp {
    private final Engine engine;

    CpuNormOp(Engine engine) {
        this.engine = engine;
    }

    @Override
    public String name() {
        return CpuBackend.NAME;
    }

    private static int batch(Lengths lengths) {
        return lengths == null ? 1 : lengths.batch();
    }

    @Override
    public void computeLayerNorm(Tensor x, Tensor gamma, Tensor beta, float epsilon, Tensor y) {
        engine.run(
                "layer normalisation",
                e -> NativeLibrary.layerNormForward(
                        e,
                        x.shape().dim(0),
                        x.shape().dim(1),
                        x.address(),
                        Addresses.of(gamma),
                        Addresses.of(beta),
                        epsilon,
                        y.address()));
    }

    @Override
    public void computeLayerNormBackward(
            Tensor x, Tensor gamma, float epsilon, Tensor dy, Tensor dx, Tensor dgamma, Tensor dbeta) {
        engine.run(
                "layer normalisation backward",
                e -> NativeLibrary.layerNormBackward(
                        e,
                        x.shape().dim(0),
                        x.shape().dim(1),
                        x.address(),
                        Addresses.of(gamma),
                        epsilon,
                        dy.address(),
                        Addresses.of(dx),
                        Addresses.of(dgamma),
                        Addresses.of(dbeta)));
    }

    @Override
    public void computeBatchStatistics(
            Tensor x,
            Lengths lengths,
            float momentum,
            Tensor mean,
            Tensor variance,
            Tensor runningMean,
            Tensor runningVariance) {
        Shape shape = x.shape();
        engine.run(
                "batch statistics",
                e -> NativeLibrary.batchStatistics(
                        e,
                        shape.dim(0),
                        shape.dim(1),
                        shape.dim(2),
                        batch(lengths),
                        x.address(),
                        Addresses.of(lengths),
                        momentum,
                        mean.address(),
                        variance.address(),
                        Addresses.of(runningMean),
                        Addresses.of(runningVariance)));
    }

    @Override
    public void computeBatchNorm(
            Tensor x,
            Lengths lengths,
            Tensor mean,
            Tensor variance,
            Tensor gamma,
            Tensor beta,
            float epsilon,
            Tensor y) {
        Shape shape = x.shape();
        engine.run(
                "batch normalisation",
                e -> NativeLibrary.batchNormForward(
                        e,
                        shape.dim(0),
                        shape.dim(1),
                        shape.dim(2),
                        batch(lengths),
                        x.address(),
                        Addresses.of(lengths),
                        mean.address(),
                        variance.address(),
                        Addresses.of(gamma),
                        Addresses.of(beta),
                        epsilon,
                        y.address()));
    }

    @Override
    public void computeBatchNormBackward(
            boolean ofBatch,
            Tensor x,
            Lengths lengths,
            Tensor mean,
            Tensor variance,
            Tensor gamma,
            float epsilon,
            Tensor dy,
            Tensor dx,
            Tensor dgamma,
            Tensor dbeta) {
        Shape shape = x.shape();
        engine.run(
                "batch normalisation backward",
                e -> NativeLibrary.batchNormBackward(
                        e,
                        ofBatch,
                        shape.dim(0),
                        shape.dim(1),
                        shape.dim(2),
                        batch(lengths),
                        x.address(),
                        Addresses.of(lengths),
                        mean.address(),
                        variance.address(),
                        Addresses.of(gamma),
                        epsilon,
                        dy.address(),
                        Addresses.of(dx),
                        Addresses.of(dgamma),
                        Addresses.of(dbeta)));
    }
}
