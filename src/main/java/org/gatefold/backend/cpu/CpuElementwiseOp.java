package org.gatefold.backend.cpu;

import org.gatefold.op.elementwise.Activation;
import org.gatefold.op.elementwise.ElementwiseOp;
import org.gatefold.tensor.Tensor;

/** Elementwise operations by the native engine. Thread-safe. */
final class CpuElementwiseOp extends CpuOperation implements ElementwiseOp {
    CpuElementwiseOp(Engine engine) {
        super(engine);
    }

    @Override
    public void computeActivate(Activation function, Tensor x, Tensor y) {
        engine.run(
                "activation",
                e -> NativeLibrary.activationForward(
                        e,
                        function.kind().code(),
                        function.alpha(),
                        function.beta(),
                        x.elements(),
                        x.address(),
                        y.address()));
    }

    @Override
    public void computeActivateBackward(Activation function, Tensor x, Tensor y, Tensor dy, Tensor dx) {
        engine.run(
                "activation backward",
                e -> NativeLibrary.activationBackward(
                        e,
                        function.kind().code(),
                        function.alpha(),
                        function.beta(),
                        x.elements(),
                        x.address(),
                        y.address(),
                        dy.address(),
                        dx.address()));
    }

    @Override
    public void computeCombine(Binary operator, Tensor a, Tensor b, Tensor y) {
        engine.run(
                "elementwise " + operator,
                e -> NativeLibrary.binary(e, operator.code(), a.elements(), a.address(), b.address(), y.address()));
    }

    @Override
    public void computeAddScaled(float alpha, Tensor x, Tensor y) {
        engine.run("scaled sum", e -> NativeLibrary.scaledAdd(e, x.elements(), alpha, x.address(), y.address()));
    }

    @Override
    public void computeScale(float alpha, Tensor x, Tensor y) {
        engine.run("scaling", e -> NativeLibrary.scale(e, x.elements(), alpha, x.address(), y.address()));
    }

    @Override
    public void computeDropout(float p, long seed, int stream, Tensor x, Tensor y) {
        engine.run("dropout", e -> NativeLibrary.dropout(e, x.elements(), p, seed, stream, x.address(), y.address()));
    }
}
