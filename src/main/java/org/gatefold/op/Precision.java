package org.gatefold.op;

/**
 * How a recurrent operation multiplies; parameters, inputs and outputs are float tensors in every case. Rounding is to the
 * nearest number of the format, ties to even; what is too large becomes an infinity.
 */
public enum Precision {
    /** IEEE binary32 products and sums. */
    F32(0, 24, 8),
    /** Operands of matrix products rounded to bfloat16, sums in binary32. */
    BF16(1, 8, 8),
    /** Operands of matrix products rounded to 11 significant bits by the tensor cores of a GPU, sums in binary32. */
    TF32(2, 11, 8),
    /** Operands of matrix products rounded to IEEE binary16, whose largest number is 65504, sums in binary32. */
    F16(3, 11, 5);

    private final int code;
    private final int significantBits;
    private final int exponentBits;

    Precision(int code, int significantBits, int exponentBits) {
        this.code = code;
        this.significantBits = significantBits;
        this.exponentBits = exponentBits;
    }

    /** The number by which kernels know it. */
    public int code() {
        return code;
    }

    /** Significant bits of an operand of a product, the leading one included. */
    public int significantBits() {
        return significantBits;
    }

    /** Bits of an operand's exponent, which give its range; numbers below the normal ones are kept as subnormal ones. */
    public int exponentBits() {
        return exponentBits;
    }
}
