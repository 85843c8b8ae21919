package org.gatefold.recipe.baseline.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Random;
import org.gatefold.data.Dataset;
import org.gatefold.data.table.CsvTable;
import org.junit.jupiter.api.Test;

class AutoregressionTest {
    /** x(t) = 3 + 0.5 x(t-1) - 0.3 x(t-2), plus noise. */
    private static double[] process(int rows, double noise) {
        Random random = new Random(5);
        double[] series = new double[rows];
        series[0] = 1;
        series[1] = 9;
        for (int t = 2; t < rows; t++) {
            series[t] = 3 + 0.5 * series[t - 1] - 0.3 * series[t - 2] + noise * random.nextGaussian();
        }
        return series;
    }

    @Test
    void findsTheWeightsOfAnExactProcess() {
        Autoregression fitted = Autoregression.fit(process(20, 0), 20, 2);
        assertThat(fitted.intercept()).isEqualTo(3, within(1e-8));
        assertThat(fitted.weights()).containsExactly(new double[] {0.5, -0.3}, within(1e-8));
    }

    /** For 1, 2, 4, 3, 5 the regression of x(t) on x(t-1) has slope 0.4 and intercept 2.5 by hand. */
    @Test
    void solvesASmallCaseAsByHand() {
        Autoregression fitted = Autoregression.fit(new double[] {1, 2, 4, 3, 5}, 5, 1);
        assertThat(fitted.weights()[0]).isEqualTo(0.4, within(1e-12));
        assertThat(fitted.intercept()).isEqualTo(2.5, within(1e-12));
        assertThat(fitted.forecast(new double[] {1, 2, 4, 3, 5}, 5, 2))
                .containsExactly(new double[] {4.5, 4.3}, within(1e-12));
    }

    @Test
    void readsNothingAfterItsPart() {
        double[] series = process(60, 1);
        double[] changed = series.clone();
        Arrays.fill(changed, 50, 60, Double.NaN);
        assertThat(Autoregression.fit(changed, 50, 3).weights())
                .isEqualTo(Autoregression.fit(series, 50, 3).weights());
        assertThat(Autoregression.choose(changed, 50, 6).order())
                .isEqualTo(Autoregression.choose(series, 50, 6).order());
        assertThat(Autoregression.fit(changed, 50, 3).forecast(changed, 50, 4)).doesNotContain(Double.NaN);
    }

    @Test
    void takesAConstantSeries() {
        double[] series = new double[30];
        Arrays.fill(series, 7);
        assertThat(Autoregression.choose(series, 30, 5).forecast(series, 30, 3))
                .containsExactly(new double[] {7, 7, 7}, within(1e-9));
    }

    @Test
    void choosesALongEnoughOrder() {
        Random random = new Random(3);
        double[] series = new double[400];
        for (int t = 0; t < series.length; t++) {
            series[t] = (t < 7 ? 0 : 0.9 * series[t - 7]) + random.nextGaussian();
        }
        assertThat(Autoregression.choose(series, 400, 12).order()).isGreaterThanOrEqualTo(7);
    }

    /** AR(8) on the monthly sunspots, 80/20, has a test error of 18.86 in other software (NumPy's lstsq). */
    @Test
    void reachesTheKnownErrorOnTheSunspots() throws IOException {
        double[] series;
        try (InputStream stream = Dataset.class.getResourceAsStream("sunspots-monthly.csv")) {
            series = CsvTable.read("sunspots", stream).numbers("value");
        }
        Autoregression fitted = Autoregression.fit(series, 2256, 8);
        double squares = 0;
        for (int t = 2256; t < series.length; t++) {
            double error = fitted.forecast(series, t, 1)[0] - series[t];
            squares += error * error;
        }
        assertThat(Math.sqrt(squares / (series.length - 2256))).isEqualTo(18.855, within(0.001));
    }

    @Test
    void refusesTooFewRows() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Autoregression.fit(new double[9], 9, 4))
                .withMessage("rows: expected 10 to 9 for an autoregression of order 4, got 9");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Autoregression.fit(new double[9], 9, 0))
                .withMessage("order: expected at least 1, got 0");
    }
}
