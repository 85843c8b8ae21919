package org.gatefold.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.junit.jupiter.api.Test;

class LengthsTest {
    private static final int STEPS = 20;

    @Property(tries = 100)
    void countAndCopyTheRows(@ForAll @Size(min = 1, max = 30) List<@IntRange(max = STEPS) Integer> drawn) {
        int[] rows = drawn.stream().mapToInt(Integer::intValue).toArray();
        try (Device device = Devices.named("reference");
                Scope scope = device.openScope("lengths")) {
            Lengths lengths = scope.lengths(STEPS, rows);
            assertThat(lengths.steps()).isEqualTo(STEPS);
            assertThat(lengths.batch()).isEqualTo(rows.length);
            assertThat(lengths.toArray()).isEqualTo(rows);
            assertThat(lengths.onDevice().toInts()).isEqualTo(rows);
            assertThat(lengths.max()).isEqualTo(Arrays.stream(rows).max().getAsInt());
            assertThat(lengths.total())
                    .isEqualTo(Arrays.stream(rows).asLongStream().sum());
            assertThat(lengths.of(rows.length - 1)).isEqualTo(rows[rows.length - 1]);
        }
    }

    @Property
    void whatDoesNotFitIsRefused(@ForAll int bad) {
        boolean fits = bad >= 0 && bad <= STEPS;
        if (fits) {
            Lengths.check(STEPS, 1, bad);
        } else {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Lengths.check(STEPS, 1, bad))
                    .withMessage("lengths[1]: expected 0 to 20 (the padded steps), got " + bad);
        }
    }

    @Test
    void atLeastOneRowIsNeeded() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Lengths.check(STEPS))
                .withMessage("lengths: expected one length per row, got none");
    }
}
