package org.gatefold.recipe.baseline.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SeasonalArmaTest {
    /** Errors and forecasts worked out by hand: e = 1, 2 - 0.5 - 0.25 = 1.25, then 0.5 · 2 + 0.25 · 1.25 + 0.5 · 1 = 1.8125 is expected. */
    @Test
    void followsItsEquation() {
        SeasonalArma method = new SeasonalArma(2, 10, 0.5, 0.25, 0.5);
        double[] series = {11, 12, 99, 99};
        double[] forecast = method.forecast(series, 2, 4);
        assertThat(forecast[0]).isCloseTo(10 + 1.8125, within(1e-12));
        assertThat(forecast[1])
                .as("the errors that are known are a season and a season and a row ago")
                .isCloseTo(10 + 0.5 * 1.8125 + 0.5 * 1.25 + 0.125 * 1, within(1e-12));
        assertThat(forecast[2]).isCloseTo(10 + 0.5 * (0.5 * 1.8125 + 0.75) + 0.125 * 1.25, within(1e-12));
        assertThat(forecast[3] - 10)
                .as("no error is known any more")
                .isCloseTo(0.5 * (forecast[2] - 10), within(1e-12));
        assertThat(method.detail()).isEqualTo("phi 0.50 theta 0.25 and 0.50 period 2");
    }

    @Test
    void withoutASeasonItIsAMovingAverageOfTheRowBefore() {
        SeasonalArma method = new SeasonalArma(1, 0, 0, -0.5, 0);
        double[] series = {2, 4, 1};
        assertThat(method.forecast(series, 3, 2)).as("e = 2, 5, 3.5").containsExactly(-1.75, 0);
        assertThat(method.forecasts(series, new int[] {3, 1, 0}, 1)).isDeepEqualTo(new double[][] {{-1.75}, {-1}, {0}});
        assertThat(method.detail()).isEqualTo("phi 0.00 theta -0.50");
    }

    /** A series of the airline model's changes: its weights are found to the first digit. */
    @Test
    void findsTheWeightsOfASeries() {
        Random random = new Random(6);
        double[] errors = new double[2000];
        double[] series = new double[errors.length];
        for (int row = 0; row < series.length; row++) {
            errors[row] = random.nextGaussian();
            series[row] =
                    errors[row] - 0.4 * at(errors, row - 1) - 0.6 * at(errors, row - 12) + 0.24 * at(errors, row - 13);
        }
        SeasonalArma found = SeasonalArma.fit(series, 1500, 12, false, true);
        assertThat(found.phi() + found.theta()).isCloseTo(-0.4, within(0.05));
        assertThat(found.seasonal()).isCloseTo(-0.6, within(0.05));
        SeasonalArma airline = SeasonalArma.fit(series, 1500, 12, false, false);
        assertThat(airline.phi()).isZero();
        assertThat(airline.theta()).isCloseTo(-0.4, within(0.05));
        double[] other = series.clone();
        Arrays.fill(other, 1500, 2000, 7);
        assertThat(SeasonalArma.fit(other, 1500, 12, false, false))
                .as("reads nothing behind")
                .isEqualTo(airline);
    }

    private static double at(double[] errors, int row) {
        return row < 0 ? 0 : errors[row];
    }

    @Test
    void takesTheMeanAwayIfAsked() {
        double[] series = {4, 6, 4, 6, 4, 6, 4, 6, 4, 6};
        SeasonalArma found = SeasonalArma.fit(series, 10, 1, true, true);
        assertThat(found.mean()).isEqualTo(5);
        assertThat(found.phi()).isLessThan(-0.9);
        assertThat(SeasonalArma.fit(series, 10, 1, false, true).mean()).isZero();
    }

    @Test
    void refusesWhatMakesNoSense() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SeasonalArma.fit(new double[20], 17, 12, true, true))
                .withMessage("rows: expected 18 to 20, got 17");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SeasonalArma(0, 0, 0, 0, 0))
                .withMessage("period: expected at least 1, got 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SeasonalArma(1, 0, 1, 0, 0))
                .withMessage("phi, theta, seasonal: expected above -1 and below 1, got 1.0, 0.0, 0.0");
    }
}
