package org.gatefold.recipe.baseline.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.gatefold.recipe.baseline.series.LaggedRegression.Terms;
import org.junit.jupiter.api.Test;

class LaggedRegressionTest {
    /** On the row before and on a column in the same row and in that before. */
    @Test
    void otherColumnsAreReadInTheRowsThatAreForecast() {
        double[] column = {1, 4, 2, 7, 3, 3, 9, 1, 5, 8, 2, 6, 4, 0};
        double[] series = new double[12];
        series[0] = 2;
        for (int row = 1; row < series.length; row++) {
            series[row] = 1 + 0.5 * series[row - 1] + 2 * column[row] - column[row - 1];
        }
        LaggedRegression.Terms terms = new LaggedRegression.Terms(new int[] {1}, 1, 0, false, 1, 1);
        LaggedRegression found = LaggedRegression.fit(series, 12, terms, 0, new double[][] {column});
        assertThat(found.weights()).containsExactly(new double[] {1, 0.5, 2, -1}, within(1e-9));
        assertThat(found.detail()).isEqualTo("1 lag to 1, 1 column known ahead");
        double next = 1 + 0.5 * series[11] + 2 * 4 - 6;
        assertThat(found.forecast(series, 12, 2))
                .containsExactly(new double[] {next, 1 + 0.5 * next + 2 * 0 - 4}, within(1e-9));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> found.forecast(series, 12, 3))
                .withMessage("columns: expected 1 known of 15 rows, got 1 of 14");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> found.knowing(new double[2][14]))
                .withMessage("columns: expected 1 that are known ahead, got 2");
    }

    private static double[] noise(int rows) {
        Random random = new Random(3);
        double[] series = new double[rows];
        Arrays.setAll(series, row -> random.nextGaussian());
        return series;
    }

    @Test
    void lagsWithoutGapsAreAnAutoregression() {
        double[] series = noise(50);
        LaggedRegression found = LaggedRegression.fit(series, 40, Terms.lags(IntStream.rangeClosed(1, 3)), 0);
        Autoregression same = Autoregression.fit(series, 40, 3);
        assertThat(found.weights()[0]).isEqualTo(same.intercept());
        assertThat(Arrays.copyOfRange(found.weights(), 1, 4)).containsExactly(same.weights());
        assertThat(found.forecast(series, 45, 4)).containsExactly(same.forecast(series, 45, 4), within(1e-12));
    }

    /** A series that follows the equation from its first rows on, so that its weights are found but for rounding. */
    @Test
    void findsWeightsOfLagsWavesAndALine() {
        double[] series = {1, 4, -2, 0, 3, 2, 5, -1};
        series = Arrays.copyOf(series, 60);
        for (int row = 5; row < series.length; row++) {
            series[row] = 2
                    + 0.5 * series[row - 1]
                    - 0.3 * series[row - 5]
                    + 1.5 * Math.cos(2 * Math.PI * row / 12)
                    - 0.7 * Math.sin(2 * Math.PI * row / 12)
                    + 0.4 * Math.cos(Math.PI * row / 3)
                    + 0.9 * Math.sin(Math.PI * row / 3)
                    + 0.01 * row;
        }
        Terms terms = new Terms(new int[] {1, 5}, 12, 2, true);
        LaggedRegression found = LaggedRegression.fit(series, 50, terms, 0);
        assertThat(found.weights())
                .containsExactly(new double[] {2, 0.5, -0.3, 1.5, -0.7, 0.4, 0.9, 0.01}, within(1e-8));
        assertThat(found.forecast(series, 50, 10)).containsExactly(Arrays.copyOfRange(series, 50, 60), within(1e-6));
        assertThat(found.detail()).isEqualTo("2 lags to 5, 2 waves of period 12, a line");
    }

    /** The sine of half a period is 0 in every row: it has no weight. */
    @Test
    void theShortestWaveHasOneWeight() {
        Terms terms = new Terms(new int[0], 4, 2, false);
        assertThat(terms.count()).isEqualTo(4);
        double[] series = {1, 2, 3, 6, 1, 2, 3, 6, 1, 2, 3, 6};
        LaggedRegression found = LaggedRegression.fit(series, 12, terms, 0);
        assertThat(found.forecast(series, 12, 5)).containsExactly(new double[] {1, 2, 3, 6, 1}, within(1e-12));
        assertThat(found.before()).isEqualTo(1);
    }

    /** Of a series with mean 0 and deviation 1: sum of products over sum of squares and shrinkage, each about its mean. */
    @Test
    void shrinkageCountsAsRowsWithoutValues() {
        double[] series = {1, -1, -1, 1, 1, -1, -1, 1};
        double weight =
                LaggedRegression.fit(series, 8, Terms.lags(IntStream.of(2)), 6).weights()[1];
        assertThat(weight).as("-6 / (6 + 6)").isCloseTo(-0.5, within(1e-12));
        assertThat(LaggedRegression.fit(series, 8, Terms.lags(IntStream.of(2)), 0)
                        .weights()[1])
                .isCloseTo(-1, within(1e-12));
    }

    @Test
    void readsNothingBehindItsRows() {
        double[] series = noise(50);
        double[] other = series.clone();
        Arrays.fill(other, 40, 50, 1e9);
        Terms terms = new Terms(new int[] {1, 4}, 7, 1, true);
        assertThat(LaggedRegression.fit(other, 40, terms, 5).weights())
                .containsExactly(LaggedRegression.fit(series, 40, terms, 5).weights());
    }

    @Test
    void refusesWhatMakesNoSense() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Terms(new int[] {2, 2}, 1, 0, false))
                .withMessage("lags: expected rising numbers above 0, got [2, 2]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Terms(new int[0], 4, 3, false))
                .withMessage("period, waves: expected at least 1 and 0 to half of it, got 4, 3");
        Terms terms = Terms.lags(IntStream.of(3, 0, 3, 1));
        assertThat(terms.lags()).containsExactly(1, 3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LaggedRegression(terms, 1, 2))
                .withMessage("weights: expected 3, got 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LaggedRegression.fit(new double[5], 3, terms, 0))
                .withMessage("rows: expected 4 to 5, got 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LaggedRegression(terms, 1, 2, 3).forecast(new double[5], 2, 1))
                .withMessage("origin: expected at least 3 rows before it, got 2");
    }
}
