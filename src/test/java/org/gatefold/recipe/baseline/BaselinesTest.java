package org.gatefold.recipe.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.gatefold.data.Dataset;
import org.gatefold.data.table.CsvTable;
import org.gatefold.recipe.baseline.series.Persistence;
import org.gatefold.recipe.baseline.series.SeasonalNaive;
import org.gatefold.recipe.baseline.text.FrequentTag;
import org.junit.jupiter.api.Test;

class BaselinesTest {
    private static final double[] SERIES = {5, 1, 2, 6, 2, 3, 99};

    @Test
    void persistenceRepeatsTheLastKnownValue() {
        assertThat(new Persistence().forecast(SERIES, 6, 2)).containsExactly(3, 3);
    }

    @Test
    void seasonalNaiveRepeatsTheLastSeason() {
        assertThat(new SeasonalNaive(3).forecast(SERIES, 6, 5)).containsExactly(6, 2, 3, 6, 2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SeasonalNaive(3).forecast(SERIES, 2, 1))
                .withMessage("origin: expected at least one period of 3 rows before it, got 2");
    }

    @Test
    void findsThePeriodOfASeasonOnATrend() {
        double[] series = new double[90];
        for (int t = 0; t < series.length; t++) {
            series[t] = 0.3 * t + 4 * Math.sin(2 * Math.PI * t / 9) + Math.cos(2 * Math.PI * t / 3);
        }
        assertThat(SeasonalNaive.findPeriod(series)).hasValue(9);
    }

    @Test
    void findsTheYearInTheAirlinePassengers() throws IOException {
        try (InputStream stream = Dataset.class.getResourceAsStream("airpassengers.csv")) {
            double[] series = CsvTable.read("airpassengers", stream).numbers("value");
            assertThat(SeasonalNaive.findPeriod(Arrays.copyOf(series, 96))).hasValue(12);
        }
    }

    /** A walk hides the season from the series, and not from its changes. */
    @Test
    void findsASeasonInChanges() {
        Random random = new Random(1);
        double[] series = new double[200];
        double walk = 0;
        for (int row = 0; row < series.length; row++) {
            walk += random.nextGaussian();
            series[row] = 3 * walk + (row % 4 == 0 ? 4 : 0);
        }
        assertThat(SeasonalNaive.findPeriods(series)).contains(4);
        assertThat(SeasonalNaive.findPeriod(series)).as("in the series itself").isNotEqualTo(OptionalInt.of(4));
        assertThat(SeasonalNaive.findPeriods(new double[60])).isEmpty();
        assertThat(SeasonalNaive.findPeriods(new double[] {1, 2})).isEmpty();
    }

    @Test
    void findsNoPeriodWhereThereIsNone() {
        double[] line = new double[60];
        Arrays.setAll(line, t -> t % 2 == 0 ? t : t + 1e-9);
        assertThat(SeasonalNaive.findPeriod(new double[60])).isEmpty();
        assertThat(SeasonalNaive.findPeriod(new double[] {1, 2})).isEmpty();
        double[] steps = new double[60];
        Arrays.fill(steps, 30, 60, 1);
        assertThat(SeasonalNaive.findPeriod(steps)).isEmpty();
    }

    @Test
    void frequentTagKnowsEachWordByItself() {
        FrequentTag method = FrequentTag.fit(
                List.of(List.of("a", "b", "a"), List.of("a", "b", "c")), new int[][] {{1, 2, 1}, {0, 2, -1}}, 3);
        assertThat(method.tag("a")).isEqualTo(1);
        assertThat(method.tag("b")).isEqualTo(2);
        assertThat(method.tag("c")).as("the first of equals").isEqualTo(1);
    }

    @Test
    void majorityIsTheMostFrequentClass() {
        assertThat(MajorityClass.fit(new int[] {2, 0, 1, 2, 1, 2}, 3).label()).isEqualTo(2);
        assertThat(MajorityClass.fit(new int[] {1, 0}, 3).label()).isZero();
    }

    @Test
    void neighboursVoteAndTheNearestBreaksTies() {
        float[][][] rows = {{{0}}, {{1}}, {{2}}, {{10}}, {{11}}};
        int[] labels = {0, 1, 1, 2, 2};
        assertThat(neighbours(rows, labels, 1).classify(new float[][] {{0.4f}})).isZero();
        assertThat(neighbours(rows, labels, 3).classify(new float[][] {{0.4f}})).isEqualTo(1);
        assertThat(neighbours(rows, new int[] {0, 1, 2, 3, 4}, 3).classify(new float[][] {{9}}))
                .isEqualTo(3);
        assertThat(neighbours(rows, labels, 2).classify(new float[][] {{0.4f}})).isZero();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> neighbours(rows, labels, 6))
                .withMessage("neighbours: expected 1 to 5, got 6");
    }

    private static NearestNeighbours neighbours(float[][][] rows, int[] labels, int count) {
        return new NearestNeighbours(rows, labels, count, NearestNeighbours::squared);
    }

    @Test
    void warpingPairsStepsInOrder() {
        float[][] step = {{0, 0}, {3, 4}};
        assertThat(NearestNeighbours.warped(step, new float[][] {{0, 0}, {0, 0}, {3, 4}, {3, 4}}))
                .isZero();
        assertThat(NearestNeighbours.warped(step, new float[][] {{3, 4}, {0, 0}}))
                .as("0 to 3 and 3 to 0, whatever the way between them")
                .isEqualTo(50);
        assertThat(NearestNeighbours.warped(step, new float[][] {{0, 0}, {0, 5}}))
                .isEqualTo(10);
        assertThat(NearestNeighbours.warped(step, new float[0][])).isInfinite();
        assertThat(NearestNeighbours.areRagged(new float[][][] {step, {{1, 1}}}))
                .isTrue();
        assertThat(NearestNeighbours.areRagged(new float[][][] {step, step})).isFalse();
    }
}
