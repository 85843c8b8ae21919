package org.gatefold.backend.cpu;

import org.gatefold.op.pooling.PoolingOp;
import org.gatefold.op.pooling.PoolingShape;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/** Pooling by the native engine. Thread-safe. */
final class CpuPoolingOp extends CpuOperation implements PoolingOp {
    CpuPoolingOp(Engine engine) {
        super(engine);
    }

    @Override
    public void computeForward(PoolingShape shape, Tensor x, Lengths lengths, Tensor y) {
        engine.run(
                "pooling",
                e -> NativeLibrary.windowPoolingForward(
                        e, shape.words(), x.address(), Addresses.of(lengths), y.address()));
    }

    @Override
    public void computeBackward(PoolingShape shape, Tensor x, Lengths lengths, Tensor y, Tensor dy, Tensor dx) {
        engine.run(
                "pooling backward",
                e -> NativeLibrary.windowPoolingBackward(
                        e, shape.words(), x.address(), Addresses.of(lengths), dy.address(), dx.address()));
    }
}
