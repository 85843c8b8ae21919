package org.gatefold.backend.cpu;

import org.gatefold.op.sequence.SequenceOp;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/** Sequence operations by the native engine. Thread-safe. */
final class CpuSequenceOp implements SequenceOp {
    private final Engine engine;

    CpuSequenceOp(Engine engine) {
        this.engine = engine;
    }

    @Override
    public String name() {
        return CpuBackend.NAME;
    }

    @Override
    public void computeTranspose(Tensor x, Tensor y) {
        Shape s = x.shape();
        engine.run(
                "transposition",
                e -> NativeLibrary.swapAxes(e, s.dim(0), s.dim(1), s.dim(2), x.address(), y.address()));
    }

    @Override
    public void computePool(Pooling pooling, Tensor x, Lengths lengths, Tensor y) {
        Shape s = x.shape();
        engine.run(
                "pooling",
                e -> NativeLibrary.poolForward(
                        e,
                        kind(pooling),
                        s.dim(0),
                        s.dim(1),
                        s.dim(2),
                        x.address(),
                        Addresses.of(lengths),
                        y.address()));
    }

    @Override
    public void computePoolBackward(Pooling pooling, Tensor x, Lengths lengths, Tensor dy, Tensor dx) {
        Shape s = x.shape();
        engine.run(
                "pooling backward",
                e -> NativeLibrary.poolBackward(
                        e,
                        kind(pooling),
                        s.dim(0),
                        s.dim(1),
                        s.dim(2),
                        x.address(),
                        Addresses.of(lengths),
                        dy.address(),
                        dx.address()));
    }

    @Override
    public void computeMask(Lengths lengths, Tensor weights) {
        engine.run(
                "length mask",
                e -> NativeLibrary.lengthMask(
                        e, lengths.steps(), lengths.batch(), Addresses.of(lengths), weights.address()));
    }

    @Override
    public void computeConcatenate(Tensor a, Tensor b, Tensor y) {
        engine.run(
                "concatenation",
                e -> NativeLibrary.concatColumns(
                        e,
                        a.shape().dim(0),
                        a.shape().dim(1),
                        b.shape().dim(1),
                        a.address(),
                        b.address(),
                        y.address()));
    }

    @Override
    public void computeSplit(Tensor y, Tensor a, Tensor b) {
        engine.run(
                "splitting",
                e -> NativeLibrary.splitColumns(
                        e,
                        a.shape().dim(0),
                        a.shape().dim(1),
                        b.shape().dim(1),
                        y.address(),
                        a.address(),
                        b.address()));
    }

    private static int kind(Pooling pooling) {
        return switch (pooling) {
            case LAST -> 0;
            case MEAN -> 1;
            case MAX -> 2;
        };
    }
}
