package org.gatefold.recipe.baseline.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ExponentialSmoothingTest {
    /** A line of slope 0.5 with a season of four, and noise. */
    private static double[] series(int rows, double noise) {
        Random random = new Random(3);
        double[] season = {3, -1, 0, -2};
        double[] series = new double[rows];
        Arrays.setAll(series, row -> 10 + 0.5 * row + season[row % 4] + noise * random.nextGaussian());
        return series;
    }

    /**
     * Means of the first four rows 1.5 and 3.5, so slope 1 and level 3.5 + 1/2 = 4. The next row, 7, is expected at 4 + 0.5 = 4.5:
     * the error 2.5 takes the level to 4.5 + 1.25 = 5.75 and the trend to 0.5 + 0.25 · 2.5 = 1.125.
     */
    @Test
    void isAsByHand() {
        ExponentialSmoothing smoothing = new ExponentialSmoothing(1, 0.5, 0.5, 0, 0.5);
        double[] series = {1, 2, 3, 4, 7, 99};
        assertThat(smoothing.forecast(series, 4, 2)).containsExactly(4.5, 4.75);
        assertThat(smoothing.forecast(series, 5, 2))
                .containsExactly(new double[] {5.75 + 0.5625, 5.75 + 0.5625 + 0.28125}, within(1e-12));
    }

    @Test
    void lineAndSeasonAreForecastExactly() {
        double[] series = series(60, 0);
        double[] forecast = new ExponentialSmoothing(4, 0.3, 0.1, 0.1, 1).forecast(series, 50, 6);
        assertThat(forecast).containsExactly(Arrays.copyOfRange(series, 50, 56), within(1e-9));
    }

    @Test
    void aFitIsBetterThanWhereItBegan() {
        double[] series = series(200, 1);
        ExponentialSmoothing fitted = ExponentialSmoothing.fit(series, 150, 4);
        assertThat(squares(fitted, series))
                .isLessThan(squares(new ExponentialSmoothing(4, 0.3, 0.1, 0.1, 0.9), series));
        double[] other = series.clone();
        Arrays.fill(other, 150, 200, 1e9);
        assertThat(ExponentialSmoothing.fit(other, 150, 4)).isEqualTo(fitted);
    }

    private static double squares(ExponentialSmoothing smoothing, double... series) {
        double squares = 0;
        for (int origin = 150; origin < series.length; origin++) {
            squares += Math.pow(smoothing.forecast(series, origin, 1)[0] - series[origin], 2);
        }
        return squares;
    }

    @Test
    void manyOriginsAreForecastAsEachAlone() {
        double[] series = series(60, 1);
        ExponentialSmoothing smoothing = new ExponentialSmoothing(4, 0.3, 0.1, 0.1, 0.9);
        int[] origins = {60, 8, 30, 8, 31};
        double[][] forecasts = smoothing.forecasts(series, origins, 3);
        for (int i = 0; i < origins.length; i++) {
            assertThat(forecasts[i]).isEqualTo(smoothing.forecast(series, origins[i], 3));
        }
    }

    @Test
    void whatCannotBeIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ExponentialSmoothing.fit(new double[9], 9, 4))
                .withMessage("rows: expected 10 to 9 for exponential smoothing of period 4, got 9");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ExponentialSmoothing(4, 0.1, 0.1, 0.1, 1).forecast(new double[9], 7, 1))
                .withMessage("origin: expected at least 8 rows before it, got 7");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ExponentialSmoothing(1, 1.5, 0, 0, 1))
                .withMessage("alpha, beta, gamma, phi: expected 0 to 1, got 1.5, 0.0, 0.0, 1.0");
    }
}
