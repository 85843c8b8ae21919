package org.gatefold.backend.reference.math;

import org.gatefold.op.Precision;

/** Rounding of the operands of products. */
public final class Rounding {
    private Rounding() {}

    /** Rounds the first {@code count} values as operands of a product in the given precision. */
    public static void operand(Precision precision, double[] values, int count) {
        if (precision != Precision.F32) {
            for (int i = 0; i < count; i++) {
                values[i] = nearest((float) values[i], precision);
            }
        }
    }

    /** The nearest number of the format, ties to even, subnormal ones included; infinities and NaN stay what they are. */
    static float nearest(float value, Precision precision) {
        if (Float.isNaN(value)) {
            return value;
        }
        int greatestExponent = (1 << (precision.exponentBits() - 1)) - 1;
        int leastExponent = 1 - greatestExponent;
        if (Math.getExponent(value) < leastExponent) {
            int leastBit = leastExponent - precision.significantBits() + 1;
            return (float) Math.scalb(Math.rint(Math.scalb((double) value, -leastBit)), leastBit);
        }
        int dropped = Precision.F32.significantBits() - precision.significantBits();
        int bits = Float.floatToRawIntBits(value);
        int half = (1 << (dropped - 1)) - 1 + ((bits >>> dropped) & 1);
        float rounded = Float.intBitsToFloat((bits + half) & -(1 << dropped));
        return Math.getExponent(rounded) > greatestExponent ? Math.copySign(Float.POSITIVE_INFINITY, value) : rounded;
    }
}
