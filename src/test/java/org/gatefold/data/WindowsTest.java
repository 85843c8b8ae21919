package org.gatefold.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class WindowsTest {
    /** Row r holds r and -r, its target is 10 r. */
    private static Windows windows(int rows, int window, int horizon) {
        double[][] values = new double[rows][];
        double[] target = new double[rows];
        for (int row = 0; row < rows; row++) {
            values[row] = new double[] {row, -row};
            target[row] = 10 * row;
        }
        return new Windows(values, target, window, horizon);
    }

    @Test
    void readsTheRowsBeforeAndForecastsTheRowsFromTheOrigin() {
        Windows windows = windows(8, 3, 2);
        assertThat(windows.features()).isEqualTo(2);
        assertThat(windows.inputs(4)).containsExactly(1, -1, 2, -2, 3, -3);
        assertThat(windows.targets(4)).containsExactly(40, 50);
        assertThat(windows.inputs(8)).containsExactly(5, -5, 6, -6, 7, -7);
    }

    @Test
    void originsNeedAWholeWindowAndAWholeHorizon() {
        assertThat(windows(8, 3, 2).origins(0, 8)).containsExactly(3, 4, 5, 6);
        assertThat(windows(8, 3, 2).origins(5, 8)).containsExactly(5, 6);
        assertThat(windows(8, 3, 2).origins(7, 8)).isEmpty();
    }

    @Test
    void columnsHoldTheSameNumbersOnce() {
        Windows windows = windows(8, 3, 2);
        Column inputs = windows.inputColumn(4, 5, 3);
        Column targets = windows.targetColumn(4, 5, 3);
        Batch batch = Dataset.of(inputs).withTarget(targets).batch();
        int[] origins = {4, 5, 3};
        for (int row = 0; row < 3; row++) {
            for (int i = 0; i < 6; i++) {
                assertThat(batch.input(row, i / 2, i % 2)).isEqualTo(windows.inputs(origins[row])[i]);
            }
            assertThat(batch.target(row, 0)).isEqualTo(windows.targets(origins[row])[0]);
            assertThat(batch.target(row, 1)).isEqualTo(windows.targets(origins[row])[1]);
            assertThat(inputs.numbers(row)).isSameAs(inputs.numbers(0));
            assertThat(targets.numbers(row)).isSameAs(targets.numbers(0));
        }
        assertThat(batch.perStep()).isFalse();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> windows.inputColumn(4, 2))
                .withMessage("origin: expected 3 to 8, got 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> windows.targetColumn(7))
                .withMessage("origin: expected 0 to 6, got 7");
    }

    @Property
    void neitherInputsNorTargetsReachBeyondTheRange(
            @ForAll @IntRange(min = 1, max = 6) int window,
            @ForAll @IntRange(min = 1, max = 4) int horizon,
            @ForAll @IntRange(min = 10, max = 30) int to) {
        Windows windows = windows(40, window, horizon);
        for (int origin : windows.origins(0, to)) {
            float[] inputs = windows.inputs(origin);
            float[] targets = windows.targets(origin);
            for (int step = 0; step < window; step++) {
                assertThat(inputs[2 * step]).isLessThan(origin).isGreaterThanOrEqualTo(origin - window);
            }
            for (float target : targets) {
                assertThat(target).isGreaterThanOrEqualTo(10f * origin).isLessThan(10f * to);
            }
        }
    }

    @Test
    void refusesWrongSizesAndOrigins() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> windows(8, 0, 1))
                .withMessage("window: expected at least 1, got 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> windows(8, 1, -1))
                .withMessage("horizon: expected at least 1, got -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Windows(new double[3][1], new double[2], 1, 1))
                .withMessage("target: expected 3 values, got 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> windows(8, 3, 1).inputs(2))
                .withMessage("origin: expected 3 to 8, got 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> windows(8, 3, 2).targets(7))
                .withMessage("origin: expected 0 to 6, got 7");
    }
}
