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
                        e, kind(function), function.alpha(), x.elements(), x.address(), y.address()));
    }

    @Override
    public void computeActivateBackward(Activation function, Tensor x, Tensor y, Tensor dy, Tensor dx) {
        engine.run(
                "activation backward",
                e -> NativeLibrary.activationBackward(
                        e,
                        kind(function),
                        function.alpha(),
                        x.elements(),
                        x.address(),
                        y.address(),
                        dy.address(),
                        dx.address()));
    }

    @Override
    public void computeCombine(Binary operator, Tensor a, Tensor b, Tensor y) {
        int kind =
                switch (operator) {
                    case ADD -> 0;
                    case SUBTRACT -> 1;
                    case MULTIPLY -> 2;
                    case AVERAGE -> 3;
                    case DIVIDE -> 4;
                    case MAXIMUM -> 5;
                };
        engine.run(
                "elementwise " + operator,
                e -> NativeLibrary.binary(e, kind, a.elements(), a.address(), b.address(), y.address()));
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

    private static int kind(Activation function) {
        return switch (function.kind()) {
            case SIGMOID -> 0;
            case TANH -> 1;
            case RELU -> 2;
            case LEAKY_RELU -> 3;
            case ELU -> 4;
            case GELU -> 5;
            case SILU -> 6;
            case SOFTPLUS -> 7;
            case EXP -> 8;
        };
    }
}
