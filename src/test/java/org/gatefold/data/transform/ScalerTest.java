package org.gatefold.data.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScalerTest {
    @Test
    void standardGivesMeanZeroAndDeviationOne() {
        Scaler scaler = Scaler.fit(Scaler.Kind.STANDARD, 2, 4, 4, 4, 5, 5, 7, 9);
        assertThat(scaler.offset()).isEqualTo(5, within(1e-12));
        assertThat(scaler.scale()).isEqualTo(2, within(1e-12));
        assertThat(scaler.scale(9)).isEqualTo(2, within(1e-12));
    }

    @Test
    void minMaxGivesZeroToOne() {
        Scaler scaler = Scaler.fit(Scaler.Kind.MINMAX, 3, -1, 7);
        assertThat(scaler.scale(new double[] {-1, 3, 7})).containsExactly(0, 0.5, 1);
    }

    @Test
    void readsNothingOutsideItsRange() {
        double[] values = {100, 1, 2, 3, Double.NaN};
        assertThat(Scaler.fit(Scaler.Kind.STANDARD, values, 1, 4)).isEqualTo(Scaler.fit(Scaler.Kind.STANDARD, 1, 2, 3));
        assertThat(Scaler.fit(Scaler.Kind.MINMAX, values, 1, 4)).isEqualTo(Scaler.fit(Scaler.Kind.MINMAX, 1, 2, 3));
    }

    @Test
    void leavesAConstantColumnFinite() {
        for (Scaler.Kind kind : Scaler.Kind.values()) {
            Scaler scaler = Scaler.fit(kind, 4, 4, 4);
            assertThat(scaler.scale()).isEqualTo(1);
            assertThat(scaler.restore(scaler.scale(6))).isEqualTo(6);
        }
    }

    @ParameterizedTest
    @CsvSource({"14.62, 64", "0.1, 1000", "-0.1, 1000", "1e-300, 7", "1e300, 1000", "123456789.123, 12345", "0, 3"})
    void findsAConstantColumnConstantWhateverItsValue(double value, int rows) {
        double[] values = new double[rows];
        Arrays.fill(values, value);
        for (Scaler.Kind kind : List.of(Scaler.Kind.STANDARD, Scaler.Kind.MINMAX)) {
            assertThat(Scaler.fit(kind, values)).isEqualTo(new Scaler(kind, value, 1));
        }
    }

    @Test
    void takesTheLastDigitsForRounding() {
        double next = Math.nextUp(14.62);
        for (Scaler.Kind kind : List.of(Scaler.Kind.STANDARD, Scaler.Kind.MINMAX)) {
            assertThat(Scaler.fit(kind, 14.62, next, 14.62, Math.nextUp(next)).scale())
                    .isEqualTo(1);
            assertThat(Scaler.fit(kind, 0.1 + 0.2, 0.3, 0.3).scale()).isEqualTo(1);
            assertThat(Scaler.fit(kind, 1e-310, 2e-310).scale()).isEqualTo(1);
        }
    }

    @Test
    void keepsSmallVariationOfLargeValues() {
        double small = 1e-4;
        double[] values = {1e9 - small, 1e9 + small, 1e9 - small, 1e9 + small};
        // Near 1e9, doubles lie 1.2e-7 apart.
        assertThat(Scaler.fit(Scaler.Kind.STANDARD, values).scale()).isEqualTo(small, within(2.4e-7));
        assertThat(Scaler.fit(Scaler.Kind.MINMAX, values).scale()).isEqualTo(2 * small, within(2.4e-7));
        assertThat(Scaler.fit(Scaler.Kind.STANDARD, 1, 1 + 1e-12, 1, 1 + 1e-12).scale())
                .isEqualTo(5e-13, within(1e-15));
    }

    @Test
    void takesVariationWithinTheRoundingGivenForNone() {
        double[] values = {0.1, 0.1 + 1e-10, 0.1 - 1e-10};
        assertThat(Scaler.fit(Scaler.Kind.STANDARD, values, 0, 3, 1e-10).scale())
                .isEqualTo(1);
        assertThat(Scaler.fit(Scaler.Kind.STANDARD, values, 0, 3, 1e-11).scale())
                .isEqualTo(Math.sqrt(2.0 / 3) * 1e-10, within(1e-16));
    }

    @Test
    void survivesTheLargestAndNamesWhatNoDoubleHolds() {
        Scaler scaler = Scaler.fit(Scaler.Kind.STANDARD, -8e307, 8e307);
        assertThat(scaler.offset()).isZero();
        assertThat(scaler.scale()).isEqualTo(8e307, within(1e292));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Scaler.fit(Scaler.Kind.STANDARD, -1e308, 1e308))
                .withMessage("values: expected a range that a double can hold, got -1.0E308 to 1.0E308");
        for (Scaler.Kind kind : Scaler.Kind.values()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Scaler.fit(kind, 1, 2, Double.NaN))
                    .withMessage("values: expected finite numbers, got NaN at row 3");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Scaler.fit(Scaler.Kind.STANDARD, new double[] {1}, 0, 1, -1))
                .withMessage("rounding: expected at least 0, got -1.0");
    }

    @Test
    void refusesAnEmptyRange() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Scaler.fit(Scaler.Kind.STANDARD, new double[5], 3, 3))
                .withMessage("range: expected a part of 5 values, got 3 to 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Scaler(Scaler.Kind.STANDARD, 0, 0))
                .withMessage("scale: expected a positive number, got 0.0");
    }

    @Property
    void restoresWhatItScaled(
            @ForAll Scaler.Kind kind,
            @ForAll @Size(min = 1, max = 50) List<@DoubleRange(min = -1e6, max = 1e6) Double> values,
            @ForAll @DoubleRange(min = -1e6, max = 1e6) double value) {
        Scaler scaler = Scaler.fit(kind, values.stream().mapToDouble(v -> v).toArray());
        assertThat(scaler.restore(scaler.scale(value))).isEqualTo(value, within(1e-6));
    }
}
