package org.gatefold.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

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

    /** Of steps that count up, each becomes one near it, in order; the first and the last stay. */
    @Test
    void bendsTime() {
        SpectrumAugmentation way = SpectrumAugmentation.of(1, 1).timeBent(0.2);
        double most = 0;
        for (int seed = 0; seed < 200; seed++) {
            float[] values = new float[41];
            for (int t = 0; t < values.length; t++) {
                values[t] = t;
            }
            way.change(values, values.length, new RandomDraws(seed, 0));
            assertThat(values).isSorted();
            assertThat(values[0]).isZero();
            assertThat(values[40]).isEqualTo(40);
            for (int t = 0; t < values.length; t++) {
                most = Math.max(most, Math.abs(values[t] - t));
                assertThat(Math.abs(values[t] - t)).isLessThan(0.2f * 40 + 0.001f);
            }
        }
        assertThat(most).isGreaterThan(7);
    }

    /** Of bands that count up in every step and part, each becomes that which lies so many times as high. */
    @Test
    void movesBands() {
        SpectrumAugmentation way = SpectrumAugmentation.of(BANDS, 2).bandsMoved(0.5);
        double least = 1;
        double most = 1;
        for (int seed = 0; seed < 200; seed++) {
            float[] values = new float[2 * BANDS * 2];
            for (int i = 0; i < values.length; i++) {
                values[i] = i % BANDS;
            }
            way.change(values, values.length, new RandomDraws(seed, 0));
            double factor = values[1];
            least = Math.min(least, factor);
            most = Math.max(most, factor);
            for (int i = 0; i < values.length; i++) {
                assertThat((double) values[i]).isCloseTo(Math.min(BANDS - 1, i % BANDS * factor), within(1e-5));
            }
        }
        assertThat(least).isBetween(0.5, 0.55);
        assertThat(most).isBetween(1.45, 1.5);
    }

    @Test
    void addsNoise() {
        float[] values = new float[10_000];
        SpectrumAugmentation.of(1, 1).noise(0.5).change(values, values.length, new RandomDraws(1, 0));
        double squares = 0;
        double sum = 0;
        for (float value : values) {
            sum += value;
            squares += value * value;
        }
        assertThat(sum / values.length).isCloseTo(0, within(0.02));
        assertThat(Math.sqrt(squares / values.length)).isCloseTo(0.5, within(0.02));
    }

    @Test
    void tellsWhatItDoesAndRefusesTheImpossible() {
        SpectrumAugmentation none = SpectrumAugmentation.of(BANDS, 1);
        assertThat(none.changes()).isFalse();
        assertThat(none.bandsLeftOut(1).changes()).isTrue();
        assertThat(none.timeLeftOut(0.5).changes()).isTrue();
        assertThat(none.bandsLeftOut(2).timeLeftOut(0.5).description())
                .isEqualTo("up to 2 bands left out, up to 0.5 of the steps left out");
        assertThat(none.timeBent(0.1).bandsMoved(0.2).noise(0.3).description())
                .isEqualTo("time bent by up to 0.1, bands moved by up to 0.2, noise of 0.3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> none.timeBent(0.25))
                .withMessage("most: expected 0 to below 0.25, got 0.25");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> none.bandsMoved(1))
                .withMessage("most: expected 0 to below 1, got 1.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> none.noise(Double.NaN))
                .withMessage("deviation: expected at least 0, got NaN");
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
