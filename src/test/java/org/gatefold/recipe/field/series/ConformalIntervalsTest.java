package org.gatefold.recipe.field.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.gatefold.file.FileException;
import org.gatefold.file.JsonFields;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Intervals as their sources define them, and that they hold what they promise. */
class ConformalIntervalsTest {
    /** Forecasts of 0 for 1, -2, 3, … -8, 9. */
    private static ConformalIntervals ofNine(double... levels) {
        double[][] truth = IntStream.rangeClosed(1, 9)
                .mapToObj(i -> new double[] {i % 2 == 0 ? -i : i})
                .toArray(double[][]::new);
        return ConformalIntervals.fit(ErrorScale.EVEN, levels, truth, new double[9][1]);
    }

    @Test
    void theWidthIsTheErrorOfTheRankThatTheTheoremAsksFor() {
        double[][] bounds = ofNine(0.8).bounds(0, 100);
        assertThat(bounds[0]).containsExactly(92);
        assertThat(bounds[1]).containsExactly(108);
        assertThat(ofNine(0.5, 0.81).bounds(1, 0)[1]).containsExactly(9);
    }

    @Test
    void beyondTheErrorsStudentsDistributionGoesOn() {
        double deviation = Math.sqrt(285 / 9.0);
        assertThat(ofNine(0.95).bounds(0, 0)[1][0]).isCloseTo(2.262157 * deviation, within(1e-5));
    }

    /** Two-sided points as in printed tables, and as scipy.stats.t.ppf gives them. */
    @ParameterizedTest
    @CsvSource({"0.95,1,12.706205", "0.95,2,4.302653", "0.8,5,1.475884", "0.95,9,2.262157", "0.99,18,2.878440"})
    void pointsOfStudentsDistribution(double level, int freedom, double expected) {
        assertThat(Deviations.student(level, freedom)).isCloseTo(expected, within(2e-6 * expected));
    }

    /** Points 1, 2 and 4 beside 3: a mean distance of 4/3 less half a mean distance between points of 12/9. */
    @Test
    void theRankedScoreIsThatOfThePoints() {
        ConformalIntervals intervals = ConformalIntervals.fit(
                ErrorScale.EVEN, new double[] {0.5}, new double[][] {{1}, {2}, {4}}, new double[3][1]);
        assertThat(intervals.crps(0, 0, 3)).isCloseTo(2 / 3.0, within(1e-12));
        assertThat(intervals.crps(0, 10, 13)).isCloseTo(2 / 3.0, within(1e-12));
    }

    @Test
    void figuresAreThoseOfWinkler() {
        JsonObject figures = ofNine(0.8).figures(new double[][] {{8}, {-8}, {10}, {0}}, new double[4][1]);
        JsonObject level = figures.getAsJsonArray("intervals").get(0).getAsJsonObject();
        assertThat(level.get("coverage").getAsDouble()).isEqualTo(0.75);
        assertThat(level.get("width").getAsDouble()).isEqualTo(16);
        assertThat(level.get("score").getAsDouble()).isCloseTo(16 + 2 * 2 / 0.2 / 4, within(1e-9));
    }

    /** 19 errors of a skewed distribution: the mean over many such of the share that is held is at least what is promised. */
    @Test
    void theyHoldWhatTheyPromise() {
        Random random = new Random(7);
        int held = 0;
        int all = 4000;
        for (int i = 0; i < all; i++) {
            double[][] truth = new double[20][1];
            for (double[] row : truth) {
                row[0] = Math.exp(random.nextGaussian());
            }
            double[][] known = Arrays.copyOf(truth, 19);
            double[][] bounds = ConformalIntervals.fit(ErrorScale.EVEN, new double[] {0.8}, known, new double[19][1])
                    .bounds(0, 0);
            held += truth[19][0] <= bounds[1][0] ? 1 : 0;
        }
        assertThat((double) held / all).isBetween(0.79, 0.81);
    }

    @Test
    void errorsThatGrowWithTheLevelAreFoundToDoSo() {
        Random random = new Random(3);
        double[] noise = random.doubles(120).toArray();
        double[] grown = IntStream.range(0, 120)
                .mapToDouble(i -> Math.exp(i / 40.0) * (2 + noise[i]))
                .toArray();
        double[] even =
                IntStream.range(0, 120).mapToDouble(i -> 50 + i + 20 * noise[i]).toArray();
        assertThat(ErrorScale.fit(grown, 6).power()).isEqualTo(1);
        assertThat(ErrorScale.fit(even, 6).power()).isZero();
        assertThat(ErrorScale.fit(new double[120], 6).power()).isZero();
        assertThat(ErrorScale.fit(new double[] {-1, 5}, 2)).isEqualTo(ErrorScale.EVEN);
    }

    @Test
    void theyGrowWithTheLevelAndStayAboveZeroWhereAllIsPositive() {
        ErrorScale scale = new ErrorScale(1, 5, true);
        double[][] truth = {{150}, {50}};
        double[][] forecasts = {{100}, {100}};
        ConformalIntervals intervals = ConformalIntervals.fit(scale, new double[] {0.6}, truth, forecasts);
        assertThat(intervals.bounds(0, 10)[1]).containsExactly(new double[] {15}, within(1e-12));
        assertThat(intervals.bounds(0, 1)[0]).containsExactly(0);
        assertThat(intervals.bounds(0, 1)[1]).as("as at the floor").containsExactly(new double[] {3.5}, within(1e-12));
    }

    @Test
    void theyComeBackAsTheyWereAndDamageIsNamed() {
        ConformalIntervals intervals = ofNine(0.8, 0.975);
        String saved = intervals.state().toString();
        ConformalIntervals again = ConformalIntervals.restored(JsonFields.parse("a.json", saved), 1);
        assertThat(again.state()).isEqualTo(intervals.state());
        assertThat(again.percent(1)).isEqualTo("97.5");
        assertThat(again.widest()).isEqualTo(1);
        assertThatExceptionOfType(FileException.class)
                .isThrownBy(() -> ConformalIntervals.restored(JsonFields.parse("a.json", saved), 2))
                .withMessageStartingWith("a.json: levels")
                .withMessageContaining("widths: expected 2 of them, got 1");
    }
}
