package org.gatefold.backend.reference;

import org.gatefold.op.Precision;

/** Rounding of the operands of products. */
final class Rounding {
    private Rounding() {}

    /** Rounds the first {@code count} values as operands of a product in the given precision. */
    static void operand(Precision precision, double[] values, int count) {
        if (precision != Precision.F32) {
            for (int i = 0; i < count; i++) {
                values[i] = nearest((float) values[i], precision.significantBits());
            }
        }
    }

    /** The nearest number with so many significant bits, ties to even; infinities and NaN stay what they are. */
    static float nearest(float value, int significantBits) {
        if (Float.isNaN(value)) {
            return value;
        }
        int dropped = 24 - significantBits;
        int bits = Float.floatToRawIntBits(value);
        int half = (1 << (dropped - 1)) - 1 + ((bits >>> dropped) & 1);
        return Float.intBitsToFloat((bits + half) & -(1 << dropped));
    }
}
