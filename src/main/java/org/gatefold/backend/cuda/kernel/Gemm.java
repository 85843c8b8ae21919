package org.gatefold.backend.cuda.kernel;

import java.util.List;
import jcuda.Pointer;
import jcuda.driver.CUstream;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasOperation;
import jcuda.runtime.cudaStream_t;
import org.gatefold.backend.cuda.driver.Addresses;
import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.driver.CudaStatus;
import org.gatefold.op.Precision;

/**
 * Matrix products by cuBLAS on row-major matrices: operands as {@link Operand} says, sums and results in binary32; with
 * TF32 the operands are floats that the tensor cores round. Thread-safe: one product is submitted at a time.
 *
 * <p>cuBLAS is column-major, where a row-major matrix is its own transpose: {@code C = A B} is asked for as {@code Cᵀ = Bᵀ
 * Aᵀ}.
 */
public final class Gemm implements AutoCloseable {
    private static final int DEFAULT_ALGORITHM = -1;

    private final CudaContext context;
    private final Operand operand;
    private final int arithmetic;
    private final cublasHandle handle = new cublasHandle();
    private final float[] one = {1f};
    private final float[] beta = new float[1];

    public Gemm(CudaContext context, Precision precision) {
        this.context = context;
        context.enter();
        CudaStatus.checkBlas("cublasCreate", JCublas2.cublasCreate(handle));
        this.operand = Operand.of(precision);
        this.arithmetic = precision == Precision.TF32
                ? cublasComputeType.CUBLAS_COMPUTE_32F_FAST_TF32
                : cublasComputeType.CUBLAS_COMPUTE_32F;
    }

    /** The version of cuBLAS. */
    public String version() {
        int[] version = new int[1];
        CudaStatus.checkBlas("cublasGetVersion", JCublas2.cublasGetVersion(handle, version));
        return version[0] / 10000 + "." + version[0] / 100 % 100 + "." + version[0] % 100;
    }

    /** A row-major matrix in device memory, {@code stride} elements from row to row. */
    public record Matrix(long address, int stride) {}

    /** {@code c [m,n] = a [m,k] bᵀ} with {@code b [n,k]}, added to c if {@code add}. */
    public void timesTransposed(CUstream stream, Matrix a, Matrix b, Matrix c, int m, int n, int k, boolean add) {
        run(stream, new Product(cublasOperation.CUBLAS_OP_T, cublasOperation.CUBLAS_OP_N, n, m, k, b, a, c, add));
    }

    /** {@code c [m,n] = a [m,k] b} with {@code b [k,n]}, added to c if {@code add}. */
    public void times(CUstream stream, Matrix a, Matrix b, Matrix c, int m, int n, int k, boolean add) {
        run(stream, new Product(cublasOperation.CUBLAS_OP_N, cublasOperation.CUBLAS_OP_N, n, m, k, b, a, c, add));
    }

    /** {@code c [m,n] = aᵀ b} with {@code a [k,m]} and {@code b [k,n]}, added to c if {@code add}. */
    public void transposedTimes(CUstream stream, Matrix a, Matrix b, Matrix c, int m, int n, int k, boolean add) {
        run(stream, new Product(cublasOperation.CUBLAS_OP_N, cublasOperation.CUBLAS_OP_T, n, m, k, b, a, c, add));
    }

    /** A product as cuBLAS is asked for it, column by column. */
    private record Product(
            int firstOperation,
            int secondOperation,
            int rows,
            int columns,
            int inner,
            Matrix first,
            Matrix second,
            Matrix result,
            boolean add) {}

    private void run(CUstream stream, Product product) {
        context.submit(stream, () -> List.of("product", this, product), on -> runOn(on, product));
    }

    private synchronized void runOn(CUstream stream, Product of) {
        context.enter();
        CudaStatus.checkBlas("cublasSetStream", JCublas2.cublasSetStream(handle, new cudaStream_t(stream)));
        beta[0] = of.add() ? 1f : 0f;
        CudaStatus.checkBlas(
                "cublasGemmEx",
                JCublas2.cublasGemmEx_new(
                        handle,
                        of.firstOperation(),
                        of.secondOperation(),
                        of.rows(),
                        of.columns(),
                        of.inner(),
                        Pointer.to(one),
                        Addresses.pointer(of.first().address()),
                        operand.cudaType(),
                        of.first().stride(),
                        Addresses.pointer(of.second().address()),
                        operand.cudaType(),
                        of.second().stride(),
                        Pointer.to(beta),
                        Addresses.pointer(of.result().address()),
                        Operand.F32.cudaType(),
                        of.result().stride(),
                        arithmetic,
                        DEFAULT_ALGORITHM));
    }

    @Override
    public void close() {
        context.enter();
        CudaStatus.checkBlas("cublasDestroy", JCublas2.cublasDestroy(handle));
    }
}
