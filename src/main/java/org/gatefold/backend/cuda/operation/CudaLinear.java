package org.gatefold.backend.cuda.operation;

import jcuda.driver.CUstream;
import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.kernel.Gemm;
import org.gatefold.backend.cuda.kernel.KernelArguments;
import org.gatefold.backend.cuda.kernel.Kernels;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.tensor.Tensor;

/** The affine map by cuBLAS and two small kernels for the bias. Thread-safe. */
public final class CudaLinear extends CudaOperation implements LinearOp {
    private final Gemm gemm;

    public CudaLinear(CudaContext context, Kernels kernels, Gemm gemm) {
        super(context, kernels);
        this.gemm = gemm;
    }

    private static Gemm.Matrix matrix(Tensor tensor) {
        return new Gemm.Matrix(tensor.address(), tensor.shape().last());
    }

    @Override
    public void computeForward(Tensor x, Tensor w, Tensor b, Tensor y) {
        int rows = x.shape().dim(0);
        int outputs = w.shape().dim(0);
        gemm.timesTransposed(
                stream(),
                matrix(x),
                matrix(w),
                matrix(y),
                rows,
                outputs,
                x.shape().dim(1),
                false);
        if (b != null) {
            loop(
                    "add_bias_f32",
                    y.elements(),
                    KernelArguments.of().tensor(b).tensor(y).i64(y.elements()).i32(outputs));
        }
    }

    @Override
    public void computeBackward(Tensor x, Tensor w, Tensor dy, Tensor dx, Tensor dw, Tensor db) {
        int rows = x.shape().dim(0);
        int inputs = x.shape().dim(1);
        int outputs = w.shape().dim(0);
        if (dx != null) {
            gemm.times(stream(), matrix(dy), matrix(w), matrix(dx), rows, inputs, outputs, false);
        }
        if (dw != null) {
            gemm.transposedTimes(stream(), matrix(dy), matrix(x), matrix(dw), outputs, inputs, rows, true);
        }
        if (db != null) {
            columnSums(kernels(), stream(), dy.address(), db.address(), rows, outputs, outputs);
        }
    }

    /** Adds the column sums of a matrix with {@code stride} floats a row to {@code sums}. */
    public static void columnSums(
            Kernels kernels, CUstream stream, long matrix, long sums, long rows, int columns, int stride) {
        kernels.launch(
                stream,
                "column_sums_f32",
                (columns + 31) / 32,
                1,
                32,
                8,
                KernelArguments.of()
                        .address(matrix)
                        .address(sums)
                        .i64(rows)
                        .i32(columns)
                        .i32(stride));
    }
}
