package org.gatefold.recipe.baseline.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.gatefold.data.transform.SeriesTransform;
import org.gatefold.data.transform.SeriesTransform.Difference;
import org.gatefold.data.transform.SeriesTransform.Log;
import org.gatefold.data.transform.TransformChain;
import org.junit.jupiter.api.Test;

class ForecastCombinationTest {
    private static final int TRAINING = 160;
    private static final int[] NONE = {};
    private static final int[] SIX = {6};

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
        ForecastCombination found = ForecastCombination.fit(series, TRAINING, SIX, 1);
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
        assertThat(ForecastCombination.fit(series, series.length, NONE, 1).detail())
                .contains("order 72");
        assertThat(ForecastCombination.fit(series, 400, NONE, 1).detail()).doesNotContain("order 72");
    }

    @Test
    void looksAtNothingBehindTheTrainingPart() {
        double[] series = growing();
        double[] other = series.clone();
        Arrays.fill(other, TRAINING, other.length, -1);
        assertThat(ForecastCombination.fit(other, TRAINING, SIX, 2).detail())
                .isEqualTo(ForecastCombination.fit(series, TRAINING, SIX, 2).detail());
    }

    private static final int AHEAD = 4;

    /** Demand that a price and holidays drive, neither of which what was before tells, with a rest that goes on. */
    private static double[] driven(double[]... known) {
        Random random = new Random(9);
        double[] series = new double[200];
        double rest = 0;
        for (int row = 0; row < series.length; row++) {
            known[0][row] = 10 + 2 * random.nextGaussian();
            known[1][row] = random.nextInt(5) == 0 ? 1 : 0;
            rest = 0.7 * rest + random.nextGaussian();
            series[row] = 60 - 3 * known[0][row] + 12 * known[1][row] + rest;
        }
        return series;
    }

    /** The root of the mean square of errors some steps ahead. */
    private static double error(SeriesBaseline method, int horizon, double... series) {
        int[] origins = IntStream.rangeClosed(TRAINING, series.length - horizon).toArray();
        double[][] forecasts = method.forecasts(series, origins, horizon);
        double squares = 0;
        for (int i = 0; i < origins.length; i++) {
            for (int step = 0; step < horizon; step++) {
                squares += Math.pow(forecasts[i][step] - series[origins[i] + step], 2);
            }
        }
        return Math.sqrt(squares / origins.length / horizon);
    }

    /** The rest alone has a deviation of 1.4, the series one of 8. */
    @Test
    void whatIsKnownAheadIsForecastBy() {
        double[][] known = new double[2][200];
        double[] series = driven(known);
        ForecastCombination told = ForecastCombination.fit(series, known, TRAINING, NONE, AHEAD);
        assertThat(told.detail()).contains("2 columns known ahead");
        assertThat(error(told, AHEAD, series)).isLessThan(1.6);
        assertThat(error(ForecastCombination.fit(series, TRAINING, NONE, AHEAD), AHEAD, series))
                .isGreaterThan(6);
    }

    /** A walk whose changes a column drives: a regression on changes alone finds it. */
    @Test
    void changesAreForecastByChangesOfWhatIsKnown() {
        double[][] known = new double[2][200];
        double[] steps = driven(known);
        double[] series = new double[200];
        double walk = 0;
        for (int row = 0; row < series.length; row++) {
            walk += steps[row] - 60 + 3 * known[0][row] - 12 * known[1][row];
            series[row] = 5 * known[0][row] + walk;
        }
        ForecastCombination told = ForecastCombination.fit(series, new double[][] {known[0]}, TRAINING, NONE, 1);
        assertThat(told.detail()).contains("1 column known ahead after difference(1)");
        assertThat(error(told, 1, series)).isLessThan(1.4);
    }

    @Test
    void nothingOfWhatIsKnownIsLearntBehindTheTrainingPart() {
        double[][] known = new double[2][200];
        double[] series = driven(known);
        double[][] other = {known[0].clone(), known[1].clone()};
        Arrays.fill(other[0], TRAINING, 200, 1e6);
        ForecastCombination told = ForecastCombination.fit(series, known, TRAINING, NONE, AHEAD);
        ForecastCombination changed = ForecastCombination.fit(series, other, TRAINING, NONE, AHEAD);
        assertThat(changed.detail()).isEqualTo(told.detail());
        assertThat(error(changed.knowing(known), AHEAD, series)).isEqualTo(error(told, AHEAD, series));
        // What is known of a row changes the forecast of that row, and by lags those behind, but none before.
        other[0] = known[0].clone();
        other[0][TRAINING + 1]++;
        double[] before = told.forecast(series, TRAINING, AHEAD);
        double[] after = told.knowing(other).forecast(series, TRAINING, AHEAD);
        assertThat(after[0]).isEqualTo(before[0]);
        assertThat(after[1]).isCloseTo(before[1] - 3, within(0.3));
    }

    /** Forecasts without other columns are what they are without a word of these, to the bit. */
    @Test
    void noColumnsChangeNothing() {
        double[] series = growing();
        ForecastCombination without = ForecastCombination.fit(series, new double[0][], TRAINING, SIX, 2);
        ForecastCombination plain = ForecastCombination.fit(series, TRAINING, SIX, 2);
        assertThat(without.forecast(series, 190, 2)).isEqualTo(plain.forecast(series, 190, 2));
    }

    private static ForecastCombination.Member member(
            double trust, double squares, double selected, double intercept, SeriesTransform... transforms) {
        return new ForecastCombination.Member(
                new Transformed(TransformChain.of(transforms), Autoregression.of(intercept)),
                new Evidence(trust, squares, selected));
    }

    /** Of more errors than selection needs, as of models that were saved with weights alone. */
    @Test
    void isTheMeanOfItsMembers() {
        ForecastCombination mean = new ForecastCombination(
                List.of(
                        member(1, 0, 1.5, 0, new Difference(1)),
                        member(1, 0, 0.5, Math.log(2), new Log(), new Difference(1))),
                0,
                Evidence.ALL_SELECTED);
        double[] forecast = mean.forecast(new double[] {1, 5, 4, 99}, 3, 2);
        assertThat(forecast[0]).isCloseTo(0.75 * 4 + 0.25 * 8, within(1e-12));
        assertThat(forecast[1]).as("12 is as far as it may go").isCloseTo(0.75 * 4 + 0.25 * 12, within(1e-12));
        assertThat(mean.forecast(new double[] {5}, 1, 1))
                .as("no member has a row before it")
                .containsExactly(5);
        assertThat(mean.forecasts(new double[] {5}, new int[0], 1)).isEmpty();
    }

    /** One member says 0, the other 1, of rows that are 1: behind four of them the first has 5 squares of 8 errors, the other 1. */
    @Test
    void errorsBehindTheTrainingPartCountAsSoonAsTheyAreKnown() {
        ForecastCombination mean = new ForecastCombination(List.of(member(1, 1, 0.5, 0), member(1, 1, 0.5, 1)), 4, 4);
        double[] series = {0, 2, 0, 1, 1, 1, 1, 1, Double.NaN};
        double selected = 4.0 / Evidence.ALL_SELECTED;
        double[][] forecasts = mean.forecasts(series, new int[] {8, 2, 4}, 1);
        assertThat(forecasts[0][0])
                .isCloseTo((1 - selected) / (1 + Math.pow(5, -8 / 6.0)) + selected / 2, within(1e-12));
        assertThat(forecasts[1][0]).as("before the end of the training part").isCloseTo(0.5, within(1e-12));
        assertThat(forecasts[2][0]).as("nothing has come yet").isCloseTo(0.5, within(1e-12));
        assertThat(mean.forecasts(series, new int[] {7}, 2)[0][0])
                .as("of three forecasts of two rows that were known, two are over")
                .isCloseTo((1 - selected) / (1 + 1 / 3.0) + selected / 2, within(1e-12));
    }

    /** Whatever stands in the rows from an origin on, its forecast is the same to the last bit. */
    @Test
    void whatComesLaterChangesNoForecast() {
        double[] series = growing();
        ForecastCombination found = ForecastCombination.fit(series, TRAINING, SIX, 2);
        int[] origins = IntStream.range(40, 198).toArray();
        double[][] all = found.forecasts(series, origins, 2);
        for (int i = 0; i < origins.length; i += 7) {
            double[] other = series.clone();
            Arrays.fill(other, origins[i], other.length, 1e6);
            assertThat(found.forecast(other, origins[i], 2))
                    .as("from row %d", origins[i])
                    .containsExactly(all[i]);
        }
    }

    /** Rows that almost follow from each other tempt regressions to grow without end; none is worse than the last value by much. */
    @Test
    void noForecastGoesBeyondAllMeasure() {
        double[] series = {
            0.31, 0.31, 0.32, 0.35, 0.37, 0.38, 0.38, 0.37, 0.36, 0.36, 0.37, 0.39, 0.41, 0.44, 0.47, 0.48, 0.49, 0.50,
                    0.51, 0.54,
            0.58, 0.62, 0.66, 0.71, 0.72, 0.73, 0.75, 0.76, 0.77, 0.83, 0.88, 0.92, 0.96, 1.00, 1.05, 1.09, 1.14, 1.03,
                    1.09, 1.15
        };
        ForecastCombination found = ForecastCombination.fit(series, 32, NONE, 1);
        for (int origin = 32; origin < series.length; origin++) {
            assertThat(found.forecast(series, origin, 1)[0])
                    .isBetween(series[origin - 1] - 0.22, series[origin - 1] + 0.22);
        }
    }

    /** Every method that models are compared with is a candidate: as the training part goes, so does what is like it. */
    @Test
    void isAboutAsGoodAsTheBestOfTheUsualForecasts() {
        Random random = new Random(2);
        double[] series = new double[240];
        for (int row = 0; row < series.length; row++) {
            series[row] = 50 + 0.2 * row + 8 * Math.cos(2 * Math.PI * row / 12) + random.nextGaussian();
        }
        ForecastCombination found = ForecastCombination.fit(series, TRAINING, new int[] {12}, 1);
        double least = Math.min(
                Math.min(
                        error(Autoregression.choose(series, TRAINING, 36), series),
                        error(ExponentialSmoothing.fit(series, TRAINING, 12), series)),
                Math.min(error(Theta.fit(series, TRAINING, 12), series), error(new SeasonalNaive(12), series)));
        assertThat(error(found, series)).as("waves on a line tell more").isLessThan(0.97 * least);
        assertThat(found.detail()).contains("wave of period 12");
    }

    /** Eight rows that tell of a straight line are enough to see it. */
    @Test
    void aShortSeriesIsForecastByMoreThanItsLastRow() {
        double[] series = {1, 2, 3, 4, 5, 6, 7, 8, 9};
        assertThat(ForecastCombination.fit(series, 9, NONE, 1).forecast(series, 9, 1)[0])
                .isBetween(9.5, 10.5);
        assertThat(ForecastCombination.fit(series, 8, NONE, 9).detail()).contains("order 0 after difference(1)");
    }

    /** The second half of 1,000 rows, 300 steps each, makes 150,000 errors of each candidate: every second forecast is looked at. */
    @Test
    void longHorizonsAreLookedAtNowAndThen() {
        Random random = new Random(9);
        double[] series = new double[1000];
        Arrays.setAll(series, row -> 10 * Math.sin(2 * Math.PI * row / 20) + random.nextGaussian());
        assertThat(ForecastCombination.fit(series, 1000, NONE, 300).errors()).isEqualTo(101);
        assertThat(ForecastCombination.fit(series, 1000, NONE, 100).errors()).isEqualTo(401);
    }

    /** Half of 50 rows is less than three seasons and two rows: the season is seen by what is fitted first. */
    @Test
    void threeSeasonsAreLeftBeforeTheFirstForecast() {
        double[] series = new double[50];
        Random random = new Random(4);
        Arrays.setAll(series, row -> 100 + 30 * Math.sin(2 * Math.PI * row / 12) + random.nextGaussian());
        assertThat(ForecastCombination.fit(series, 50, new int[] {12}, 1).detail())
                .contains("gamma");
    }

    /** The first zero of a series may come behind its training part. */
    @Test
    void membersThatTakeALogarithmAreLeftOutBehindAZero() {
        double[] series = growing();
        ForecastCombination found = ForecastCombination.fit(series, TRAINING, SIX, 1);
        double known = found.forecast(series, 170, 1)[0];
        series[180] = 0;
        assertThat(found.forecasts(series, new int[] {170, 190}, 1)[0]).containsExactly(known);
        assertThat(found.forecasts(series, new int[] {170, 190}, 1)[1][0]).isFinite();
    }

    @Test
    void aFewRowsAreForecastByTheLastOne() {
        ForecastCombination few = ForecastCombination.fit(new double[] {1, 2, 3, 9, 9}, 3, NONE, 1);
        assertThat(few.forecast(new double[] {1, 2, 3, 9}, 3, 2)).containsExactly(3, 3);
    }

    @Test
    void aSeriesThatNeverChangesIsForecastSo() {
        double[] series = new double[60];
        Arrays.fill(series, 7);
        double[] forecast = ForecastCombination.fit(series, 50, NONE, 1).forecast(series, 55, 2);
        assertThat(forecast).containsExactly(new double[] {7, 7}, within(1e-9));
    }
}
