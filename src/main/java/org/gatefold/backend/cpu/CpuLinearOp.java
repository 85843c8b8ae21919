package org.gatefold.backend.cpu;

import org.gatefold.op.linear.LinearOp;
import org.gatefold.tensor.Tensor;

/** The affine map by the native engine's matrix product. Thread-safe. */
final class CpuLinearOp extends CpuOperation implements LinearOp {
    CpuLinearOp(Engine engine) {
        super(engine);
    }

    @Override
    public void computeForward(Tensor x, Tensor w, Tensor b, Tensor y) {
        engine.run(
                "linear forward",
                e -> NativeLibrary.linearForward(
                        e,
                        x.shape().dim(0),
                        x.shape().dim(1),
                        w.shape().dim(0),
                        x.address(),
                        w.address(),
                        Addresses.of(b),
                        y.address()));
    }

    @Override
    public void computeBackward(Tensor x, Tensor w, Tensor dy, Tensor dx, Tensor dw, Tensor db) {
        engine.run(
                "linear backward",
                e -> NativeLibrary.linearBackward(
                        e,
                        x.shape().dim(0),
                        x.shape().dim(1),
                        w.shape().dim(0),
                        x.address(),
                        w.address(),
                        dy.address(),
                        Addresses.of(dx),
                        Addresses.of(dw),
                        Addresses.of(db)));
    }
}
