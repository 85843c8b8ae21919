package org.gatefold.backend.cuda.operation;

import jcuda.driver.CUstream;
import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.kernel.KernelArguments;
import org.gatefold.backend.cuda.kernel.Kernels;
import org.gatefold.op.elementwise.Activation;
import org.gatefold.op.elementwise.ElementwiseOp;
import org.gatefold.tensor.Tensor;

/** Elementwise operations by grid-stride kernels. Thread-safe. */
public final class CudaElementwise extends CudaOperation implements ElementwiseOp {
    public CudaElementwise(CudaContext context, Kernels kernels) {
        super(context, kernels);
    }

    @Override
    public void computeActivate(Activation function, Tensor x, Tensor y) {
        loop("activate_f32", x.elements(), of(function).tensor(x).tensor(y).i64(x.elements()));
    }

    @Override
    public void computeActivateBackward(Activation function, Tensor x, Tensor y, Tensor dy, Tensor dx) {
        loop(
                "activate_backward_f32",
                x.elements(),
                of(function).tensor(x).tensor(y).tensor(dy).tensor(dx).i64(x.elements()));
    }

    private static KernelArguments of(Activation function) {
        return KernelArguments.of()
                .i32(function.kind().code())
                .f32(function.alpha())
                .f32(function.beta());
    }

    @Override
    public void computeCombine(Binary operator, Tensor a, Tensor b, Tensor y) {
        loop(
                "combine_f32",
                a.elements(),
                KernelArguments.of()
                        .i32(operator.code())
                        .tensor(a)
                        .tensor(b)
                        .tensor(y)
                        .i64(a.elements()));
    }

    @Override
    public void computeAddScaled(float alpha, Tensor x, Tensor y) {
        scaled("add_scaled_f32", alpha, x, y);
    }

    @Override
    public void computeScale(float alpha, Tensor x, Tensor y) {
        scaled("scale_f32", alpha, x, y);
    }

    private void scaled(String kernel, float alpha, Tensor x, Tensor y) {
        loop(
                kernel,
                x.elements(),
                KernelArguments.of().f32(alpha).tensor(x).tensor(y).i64(x.elements()));
    }

    @Override
    public void computeDropout(float p, long seed, int stream, Tensor x, Tensor y) {
        dropout(kernels(), stream(), p, seed, stream, x.address(), y.address(), x.elements());
    }

    /** Dropout of {@code elements} floats from one address to another, which may be the same. */
    public static void dropout(
            Kernels kernels, CUstream queue, float p, long seed, int stream, long x, long y, long elements) {
        boolean aligned = x % 16 == 0 && y % 16 == 0;
        kernels.launchLoop(
                queue,
                "dropout_f32",
                (elements + 3) / 4,
                KernelArguments.of()
                        .f32(p)
                        .f32(1f / (1f - p))
                        .i64(seed)
                        .i32(stream)
                        .address(x)
                        .address(y)
                        .i64(elements)
                        .i32(aligned ? 1 : 0));
    }
}
