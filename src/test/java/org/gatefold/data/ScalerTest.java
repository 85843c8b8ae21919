package org.gatefold.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

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
