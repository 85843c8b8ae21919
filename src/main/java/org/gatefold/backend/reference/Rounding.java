package org.gatefold.backend.reference;

import org.gatefold.op.Precision;

/** Rounding of the operands of products. */
final class Rounding {
    private Rounding() {}

    /** Rounds the first {@code count} values as operands of a product in the given precision. */
    static void operand(Precision precision, double[] values, int count) {
        if (precision == Precision.BF16) {
            for (int i = 0; i < count; i++) {
                values[i] = toBfloat16((float) values[i]);
            }
        }
    }

    /** The nearest number with 8 significant bits, ties to even; infinities and NaN stay what they are. */
    static float toBfloat16(float value) {
        if (Float.isNaN(value)) {
            return value;
        }
        int bits = Float.floatToRawIntBits(value);
        return Float.intBitsToFloat((bits + 0x7FFF + ((bits >>> 16) & 1)) & 0xFFFF0000);
    }
}
