package org.gatefold.recipe.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.gatefold.data.transform.SeriesTransform.Difference;
import org.gatefold.data.transform.SeriesTransform.Log;
import org.gatefold.data.transform.TransformChain;
import org.junit.jupiter.api.Test;

class ForecastCombinationTest {
    private static final int TRAINING = 160;

    /** Growth by a share of its own, with a season that grows along: linear in the logarithm alone. */
    private static double[] growing() {
        Random random = new Random(5);
        double[] series = new double[200];
        Arrays.setAll(
                series,
                row -> Math.exp(2 + 0.02 * row + 0.3 * Math.sin(2 * Math.PI * row / 6) + 0.02 * random.nextGaussian()));
        return series;
    }

    private static double error(SeriesBaseline method, double... series) {
        int[] origins = IntStream.range(TRAINING, series.length).toArray();
        double[][] forecasts = method.forecasts(series, origins, 1);
        double squares = 0;
        for (int i = 0; i < origins.length; i++) {
            squares += Math.pow(forecasts[i][0] - series[origins[i]], 2);
        }
        return Math.sqrt(squares / origins.length);
    }

    @Test
    void findsThatALogarithmAndASeasonHelp() {
        double[] series = growing();
        ForecastCombination found = ForecastCombination.fit(series, TRAINING, 6, 1);
        assertThat(found.detail()).contains("log");
        assertThat(error(found, series)).isLessThan(0.9 * error(Autoregression.choose(series, TRAINING, 36), series));
        assertThat(error(found, series)).isLessThan(0.3 * error(new SeasonalNaive(6), series));
    }

    /** What was 60 rows ago tells most: more than an autoregression of 36 sees. */
    @Test
    void longSeriesAreReadFarBack() {
        Random random = new Random(8);
        double[] series = new double[3300];
        for (int row = 0; row < series.length; row++) {
            series[row] = (row < 60 ? 0 : 0.9 * series[row - 60]) + random.nextGaussian();
        }
        assertThat(ForecastCombination.fit(series, series.length, 1, 1).detail())
                .contains("order 72");
        assertThat(ForecastCombination.fit(series, 400, 1, 1).detail()).doesNotContain("order 72");
    }

    @Test
    void looksAtNothingBehindTheTrainingPart() {
        double[] series = growing();
        double[] other = series.clone();
        Arrays.fill(other, TRAINING, other.length, -1);
        assertThat(ForecastCombination.fit(other, TRAINING, 6, 2).detail())
                .isEqualTo(ForecastCombination.fit(series, TRAINING, 6, 2).detail());
    }

    @Test
    void isTheMeanOfItsMembers() {
        Transformed unchanged = new Transformed(TransformChain.of(new Difference(1)), Autoregression.of(0));
        Transformed doubled =
                new Transformed(TransformChain.of(new Log(), new Difference(1)), Autoregression.of(Math.log(2)));
        Map<Transformed, Double> members = new LinkedHashMap<>();
        members.put(unchanged, 1.5);
        members.put(doubled, 0.5);
        ForecastCombination mean = new ForecastCombination(members);
        double[] forecast = mean.forecast(new double[] {5, 4, 99}, 2, 2);
        assertThat(forecast[0]).isCloseTo(0.75 * 4 + 0.25 * 8, within(1e-12));
        assertThat(forecast[1]).isCloseTo(0.75 * 4 + 0.25 * 16, within(1e-12));
        assertThat(mean.forecast(new double[] {5}, 1, 1))
                .as("no member has a row before it")
                .containsExactly(5);
        assertThat(mean.forecasts(new double[] {5}, new int[0], 1)).isEmpty();
    }

    /** Of two errors each: the inverse sixth power of their squares, and of all selections a share of 2 in 800. */
    @Test
    void fewErrorsWeighByTheirInverseSquares() {
        double[] weights = ForecastCombination.weights(List.of(new double[] {1, 1}, new double[] {2, 2}), 1, 1);
        double inverse = Math.pow(4, -6);
        double selected = 2 / 800.0;
        assertThat(weights[0]).isCloseTo((1 - selected) / (1 + inverse) + selected, within(1e-12));
        assertThat(weights[1]).isCloseTo((1 - selected) * inverse / (1 + inverse), within(1e-12));
    }

    /** Errors of opposite signs make a mean without any, though one is larger: selection sees it. */
    @Test
    void manyErrorsWeighBySelection() {
        double[] small = new double[800];
        double[] large = new double[800];
        Arrays.fill(small, 1);
        Arrays.fill(large, -3);
        double[] weights = ForecastCombination.weights(List.of(small, large), 1, 1);
        assertThat(weights).containsExactly(0.75, 0.25);
        assertThat(ForecastCombination.weights(List.of(new double[] {0}, new double[] {1}), 0.25, 1))
                .containsExactly(1, 0);
    }

    /** Eight rows that tell of a straight line are enough to see it. */
    @Test
    void aShortSeriesIsForecastByMoreThanItsLastRow() {
        double[] series = {1, 2, 3, 4, 5, 6, 7, 8, 9};
        assertThat(ForecastCombination.fit(series, 9, 1, 1).forecast(series, 9, 1)[0])
                .isBetween(9.5, 10.5);
        assertThat(ForecastCombination.fit(series, 8, 1, 9).detail()).contains("order 0 after difference(1)");
    }

    /** Half of 50 rows is less than three seasons and two rows: the season is seen by what is fitted first. */
    @Test
    void threeSeasonsAreLeftBeforeTheFirstForecast() {
        double[] series = new double[50];
        Random random = new Random(4);
        Arrays.setAll(series, row -> 100 + 30 * Math.sin(2 * Math.PI * row / 12) + random.nextGaussian());
        assertThat(ForecastCombination.fit(series, 50, 12, 1).detail()).contains("gamma");
    }

    /** Trust in a candidate goes before its errors, and orders of autoregressions share theirs. */
    @Test
    void trustCountsBesideErrors() {
        double[] weights = ForecastCombination.weights(List.of(new double[] {1}, new double[] {1}), 3, 1);
        double selected = 1 / 800.0;
        assertThat(weights[0]).isCloseTo((1 - selected) * 0.75 + selected, within(1e-12));
    }

    /** The first zero of a series may come behind its training part. */
    @Test
    void membersThatTakeALogarithmAreLeftOutBehindAZero() {
        double[] series = growing();
        ForecastCombination found = ForecastCombination.fit(series, TRAINING, 6, 1);
        double known = found.forecast(series, 170, 1)[0];
        series[180] = 0;
        assertThat(found.forecasts(series, new int[] {170, 190}, 1)[0]).containsExactly(known);
        assertThat(found.forecasts(series, new int[] {170, 190}, 1)[1][0]).isFinite();
    }

    @Test
    void aFewRowsAreForecastByTheLastOne() {
        ForecastCombination few = ForecastCombination.fit(new double[] {1, 2, 3, 9, 9}, 3, 1, 1);
        assertThat(few.forecast(new double[] {1, 2, 3, 9}, 3, 2)).containsExactly(3, 3);
    }

    @Test
    void aSeriesThatNeverChangesIsForecastSo() {
        double[] series = new double[60];
        Arrays.fill(series, 7);
        double[] forecast = ForecastCombination.fit(series, 50, 1, 1).forecast(series, 55, 2);
        assertThat(forecast).containsExactly(new double[] {7, 7}, within(1e-9));
    }
}
