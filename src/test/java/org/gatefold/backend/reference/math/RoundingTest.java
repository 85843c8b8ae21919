package org.gatefold.backend.reference.math;

import static org.assertj.core.api.Assertions.assertThat;

import org.gatefold.op.Precision;
import org.junit.jupiter.api.Test;

/** Rounding to binary16, against every number of the format. */
class RoundingTest {
    private static final int POSITIVE_NUMBERS = 31 << 10;

    /** The binary16 number with the given bits, by IEEE 754's definition; bits of infinity give 2^16, its neighbour. */
    private static double half(int bits) {
        int exponent = bits >> 10;
        int fraction = bits & 1023;
        return exponent == 0 ? fraction * 0x1p-24 : Math.scalb(1024.0 + fraction, exponent - 25);
    }

    private static void assertRounds(double value, double expected) {
        assertThat(Rounding.nearest((float) value, Precision.F16))
                .as("%a", value)
                .isEqualTo((float) expected);
        assertThat(Rounding.nearest((float) -value, Precision.F16))
                .as("%a", -value)
                .isEqualTo((float) -expected);
    }

    @Test
    void roundsToTheNearestBinary16TiesToEven() {
        for (int bits = 0; bits < POSITIVE_NUMBERS; bits++) {
            boolean last = bits == POSITIVE_NUMBERS - 1;
            double number = half(bits);
            double next = last ? Double.POSITIVE_INFINITY : half(bits + 1);
            float middle = (float) ((number + half(bits + 1)) / 2);
            assertRounds(number, number);
            assertRounds(middle, bits % 2 == 0 ? number : next);
            assertRounds(Math.nextDown(middle), number);
            assertRounds(Math.nextUp(middle), next);
        }
    }

    @Test
    void keepsWhatIsNoNumberAndOverflowsToInfinity() {
        assertThat(Rounding.nearest(Float.NaN, Precision.F16)).isNaN();
        assertRounds(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);
        assertRounds(Float.MAX_VALUE, Double.POSITIVE_INFINITY);
        assertRounds(Float.MIN_VALUE, 0);
    }

    @Test
    void otherFormatsReachAsFarAsBinary32() {
        assertThat(Rounding.nearest(0x1.01p-130f, Precision.BF16)).isEqualTo(0x1p-130f);
        assertThat(Rounding.nearest(0x1.018p100f, Precision.BF16)).isEqualTo(0x1.02p100f);
        assertThat(Rounding.nearest(Float.MAX_VALUE, Precision.BF16)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(Rounding.nearest(0x1.0018p100f, Precision.TF32)).isEqualTo(0x1p100f);
    }
}
