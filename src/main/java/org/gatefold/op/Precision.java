package org.gatefold.op;

/** How a recurrent operation multiplies; parameters, inputs and outputs are float tensors in every case. */
public enum Precision {
    /** IEEE binary32 products and sums. */
    F32(0),
    /** Operands of matrix products rounded to bfloat16, sums in binary32. */
    BF16(1);

    private final int code;

    Precision(int code) {
        this.code = code;
    }

    /** The number by which kernels know it. */
    public int code() {
        return code;
    }
}
