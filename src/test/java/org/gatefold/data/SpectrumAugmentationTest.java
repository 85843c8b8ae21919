package org.gatefold.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SpectrumAugmentationTest {
    private static final int BANDS = 5;
    private static final int STEPS = 10;

    /** Steps of two parts of 5 bands, none of which is 0. */
    private static boolean[][] leftOut(SpectrumAugmentation way, long seed) {
        // Longer than a row, as the array of a batch may be.
        float[] values = new float[2 * BANDS * STEPS + 7];
        Arrays.fill(values, 3);
        way.change(values, 2 * BANDS * STEPS, new RandomDraws(seed, 0));
        for (int i = 2 * BANDS * STEPS; i < values.length; i++) {
            assertThat(values[i]).isEqualTo(3);
        }
        boolean[][] out = new boolean[STEPS][2 * BANDS];
        for (int i = 0; i < 2 * BANDS * STEPS; i++) {
            assertThat(values[i]).isIn(0f, 3f);
            out[i / (2 * BANDS)][i % (2 * BANDS)] = values[i] == 0;
        }
        return out;
    }

    /** Places that are true, as text. */
    private static String places(boolean... all) {
        StringBuilder text = new StringBuilder();
        for (boolean place : all) {
            text.append(place ? '1' : '0');
        }
        return text.toString();
    }

    @Test
    void leavesOutBandsOfEveryStepAndPart() {
        SpectrumAugmentation way = SpectrumAugmentation.of(BANDS, 2).bandsLeftOut(2);
        Set<String> seen = new HashSet<>();
        for (int seed = 0; seed < 500; seed++) {
            boolean[][] out = leftOut(way, seed);
            for (boolean[] step : out) {
                assertThat(step).isEqualTo(out[0]);
            }
            String left = places(Arrays.copyOf(out[0], BANDS));
            assertThat(places(Arrays.copyOfRange(out[0], BANDS, 2 * BANDS))).isEqualTo(left);
            // Two masks of 0 to 2 neighbours.
            assertThat(left).matches("0*1{0,4}0*|0*1{1,2}0+1{1,2}0*");
            seen.add(left);
        }
        assertThat(seen)
                .as("none, one, the widest, two masks, both ends")
                .contains("00000", "10000", "00011", "11011", "01010");
    }

    @Test
    void leavesOutSpansOfTime() {
        SpectrumAugmentation way = SpectrumAugmentation.of(BANDS, 2).timeLeftOut(0.3);
        Set<String> seen = new HashSet<>();
        for (int seed = 0; seed < 3000; seed++) {
            boolean[][] out = leftOut(way, seed);
            StringBuilder steps = new StringBuilder();
            for (boolean[] step : out) {
                assertThat(places(step)).isIn("0".repeat(2 * BANDS), "1".repeat(2 * BANDS));
                steps.append(step[0] ? '1' : '0');
            }
            assertThat(steps.toString()).matches("0*1{0,6}0*|0*1{1,3}0+1{1,3}0*");
            seen.add(steps.toString());
        }
        assertThat(seen).contains("0000000000", "1110000000", "0000000111", "1110000111");
    }

    @Test
    void tellsWhatItDoesAndRefusesTheImpossible() {
        SpectrumAugmentation none = SpectrumAugmentation.of(BANDS, 1);
        assertThat(none.changes()).isFalse();
        assertThat(none.bandsLeftOut(1).changes()).isTrue();
        assertThat(none.timeLeftOut(0.5).changes()).isTrue();
        assertThat(none.bandsLeftOut(2).timeLeftOut(0.5).description())
                .isEqualTo("up to 2 bands left out, up to 0.5 of the steps left out");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> none.bandsLeftOut(6))
                .withMessage("most: expected 0 to 5, as many as bands, got 6");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> none.timeLeftOut(1.5))
                .withMessage("most: expected 0 to 1, got 1.5");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SpectrumAugmentation.of(0, 1))
                .withMessage("bands, parts: expected at least 1 of each, got 0 and 1");
    }
}
