package org.gatefold.op;

/** How a recurrent operation multiplies; parameters, inputs and outputs are float tensors in every case. */
public enum Precision {
    /** IEEE binary32 products and sums. */
    F32(0, 24),
    /** Operands of matrix products rounded to bfloat16, sums in binary32. */
    BF16(1, 8),
    /** Operands of matrix products rounded to 11 significant bits by the tensor cores of a GPU, sums in binary32. */
    TF32(2, 11);

    private final int code;
    private final int significantBits;

    Precision(int code, int significantBits) {
        this.code = code;
        this.significantBits = significantBits;
    }

    /** The number by which kernels know it. */
    public int code() {
        return code;
    }

    /** Significant bits of an operand of a product, the leading one included. */
    public int significantBits() {
        return significantBits;
    }
}
