package org.gatefold.backend.cpu;

import org.gatefold.op.softmax.SoftmaxOp;
import org.gatefold.tensor.Tensor;

/** Softmax by the native engine. Thread-safe. */
final class CpuSoftmaxOp extends CpuOperation implements SoftmaxOp {
    CpuSoftmaxOp(Engine engine) {
        super(engine);
    }

    @Override
    public void computeForward(boolean logarithm, Tensor x, Tensor y) {
        engine.run(
                "softmax",
                e -> NativeLibrary.softmaxForward(
                        e, x.shape().dim(0), x.shape().dim(1), logarithm, x.address(), y.address()));
    }

    @Override
    public void computeBackward(boolean logarithm, Tensor y, Tensor dy, Tensor dx) {
        engine.run(
                "softmax backward",
                e -> NativeLibrary.softmaxBackward(
                        e, y.shape().dim(0), y.shape().dim(1), logarithm, y.address(), dy.address(), dx.address()));
    }
}
