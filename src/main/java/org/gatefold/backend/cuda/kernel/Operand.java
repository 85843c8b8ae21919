package org.gatefold.backend.cuda.kernel;

import jcuda.cudaDataType;
import jcuda.driver.CUstream;
import org.gatefold.op.Precision;

/** How operands of matrix products stand in device memory. */
public enum Operand {
    F32(0, Float.BYTES, cudaDataType.CUDA_R_32F),
    F16(1, Short.BYTES, cudaDataType.CUDA_R_16F),
    BF16(2, Short.BYTES, cudaDataType.CUDA_R_16BF);

    private final int code;
    private final int bytes;
    private final int cudaType;

    Operand(int code, int bytes, int cudaType) {
        this.code = code;
        this.bytes = bytes;
        this.cudaType = cudaType;
    }

    /** The operands of products in a precision; the tensor cores round to TF32 themselves. */
    public static Operand of(Precision precision) {
        return switch (precision) {
            case F32, TF32 -> F32;
            case F16 -> F16;
            case BF16 -> BF16;
        };
    }

    /** The number by which kernels know it. */
    public int code() {
        return code;
    }

    /** Bytes of one number. */
    public int bytes() {
        return bytes;
    }

    /** The number by which cuBLAS knows it. */
    int cudaType() {
        return cudaType;
    }

    /** Writes {@code count} floats at {@code from} to {@code to} as operands, rounded to nearest; the two must not overlap. */
    public void convert(Kernels kernels, CUstream stream, long from, long to, long count) {
        kernels.launchLoop(
                stream,
                "operand_from_f32",
                (count + 3) / 4,
                KernelArguments.of().address(from).address(to).i64(count).i32(code));
    }
}
