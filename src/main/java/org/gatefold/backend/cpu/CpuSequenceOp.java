package org.gatefold.backend.cpu;

import org.gatefold.op.sequence.SequenceOp;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/** Sequence operations by the native engine. Thread-safe. */
final class CpuSequenceOp extends CpuOperation implements SequenceOp {
    CpuSequenceOp(Engine engine) {
        super(engine);
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
        pool(
                "pooling",
                x.shape(),
                lengths,
                (e, steps, batch, features, ends) -> NativeLibrary.poolForward(
                        e, kind(pooling), steps, batch, features, x.address(), ends, y.address()));
    }

    @Override
    public void computePoolBackward(Pooling pooling, Tensor x, Lengths lengths, Tensor dy, Tensor dx) {
        pool(
                "pooling backward",
                x.shape(),
                lengths,
                (e, steps, batch, features, ends) -> NativeLibrary.poolBackward(
                        e, kind(pooling), steps, batch, features, x.address(), ends, dy.address(), dx.address()));
    }

    /** A function over the steps of {@code [T, B, F]}. */
    private interface OverSteps {
        int call(long engine, long steps, long batch, long features, long lengths);
    }

    private void pool(String name, Shape shape, Lengths lengths, OverSteps function) {
        engine.run(name, e -> function.call(e, shape.dim(0), shape.dim(1), shape.dim(2), Addresses.of(lengths)));
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
        columns("concatenation", NativeLibrary::concatColumns, a, b, a, b, y);
    }

    @Override
    public void computeSplit(Tensor y, Tensor a, Tensor b) {
        columns("splitting", NativeLibrary::splitColumns, a, b, y, a, b);
    }

    /** A function of two matrices and the one that has the columns of both. */
    private interface OverColumns {
        int call(long engine, long rows, long left, long right, long first, long second, long third);
    }

    private void columns(
            String name, OverColumns function, Tensor left, Tensor right, Tensor first, Tensor second, Tensor third) {
        engine.run(
                name,
                e -> function.call(
                        e,
                        left.shape().dim(0),
                        left.shape().dim(1),
                        right.shape().dim(1),
                        first.address(),
                        second.address(),
                        third.address()));
    }

    private static int kind(Pooling pooling) {
        return switch (pooling) {
            case LAST -> 0;
            case MEAN -> 1;
            case MAX -> 2;
        };
    }
}
