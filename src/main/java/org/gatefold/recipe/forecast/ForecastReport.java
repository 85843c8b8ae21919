package org.gatefold.recipe.forecast;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.gatefold.recipe.baseline.Autoregression;
import org.gatefold.recipe.baseline.Persistence;
import org.gatefold.recipe.baseline.SeasonalNaive;
import org.gatefold.recipe.baseline.SeriesBaseline;

/**
 * A model beside its baselines on the test part, walking forward: every forecast starts from the true values before it.
 */
public final class ForecastReport {
    /** The highest order that the autoregression may choose. */
    private static final int MOST_ORDER = 36;

    private final int[] origins;
    private final double[][] forecasts;
    private final ForecastError test;
    private final List<ForecastError> byStep;
    private final List<BaselineResult> baselines;

    ForecastReport(
            int[] origins,
            double[][] forecasts,
            ForecastError test,
            List<ForecastError> byStep,
            List<BaselineResult> baselines) {
        this.origins = origins;
        this.forecasts = forecasts;
        this.test = test;
        this.byStep = byStep;
        this.baselines = baselines;
    }

    /**
     * One baseline.
     *
     * @param name for instance {@code "persistence"}
     * @param detail what was found or chosen for it, or why it is missing
     * @param error null if there is no such forecast for this series
     */
    public record BaselineResult(String name, String detail, ForecastError error) {}

    /**
     * Measures a model and fits and measures the baselines.
     *
     * @param trainingRows rows of the training part, from which baselines are fitted; all later rows are the test part
     * @param period rows in a season; 0 to find it in the training part
     * @throws IllegalArgumentException if the test part is shorter than the horizon
     */
    public static ForecastReport of(Forecaster forecaster, Series series, int trainingRows, int period) {
        int[] origins = forecaster.prepare(series).origins(trainingRows, series.rows());
        if (origins.length == 0) {
            throw new IllegalArgumentException(series.source() + ": expected at least "
                    + forecaster.preparation().task().horizon() + " test rows, got " + (series.rows() - trainingRows));
        }
        double[][] forecasts = forecaster.forecast(series, origins);
        int horizon = forecasts[0].length;
        List<ForecastError> byStep = IntStream.range(0, horizon)
                .mapToObj(step -> ForecastError.of(forecasts, series.values(), origins, step, step + 1))
                .toList();
        return new ForecastReport(
                origins,
                forecasts,
                ForecastError.of(forecasts, series.values(), origins),
                byStep,
                baselines(series.values(), trainingRows, period, origins, horizon));
    }

    private static List<BaselineResult> baselines(
            double[] series, int trainingRows, int period, int[] origins, int horizon) {
        List<BaselineResult> results = new ArrayList<>();
        results.add(measure(new Persistence(), series, origins, horizon));
        OptionalInt season =
                period > 0 ? OptionalInt.of(period) : SeasonalNaive.findPeriod(Arrays.copyOf(series, trainingRows));
        if (season.isEmpty()) {
            results.add(new BaselineResult("seasonal", "no season found in the training part", null));
        } else if (season.getAsInt() > trainingRows) {
            results.add(new BaselineResult("seasonal", "the period is longer than the training part", null));
        } else {
            results.add(measure(new SeasonalNaive(season.getAsInt()), series, origins, horizon));
        }
        if (trainingRows < 10) {
            results.add(new BaselineResult("ar", "fewer than 10 training rows", null));
        } else {
            results.add(measure(Autoregression.choose(series, trainingRows, MOST_ORDER), series, origins, horizon));
        }
        return results;
    }

    private static BaselineResult measure(SeriesBaseline baseline, double[] series, int[] origins, int horizon) {
        double[][] forecasts = new double[origins.length][];
        for (int i = 0; i < origins.length; i++) {
            forecasts[i] = baseline.forecast(series, origins[i], horizon);
        }
        return new BaselineResult(baseline.name(), baseline.detail(), ForecastError.of(forecasts, series, origins));
    }

    /** The baselines whose root mean squared error is lower than the model's. */
    public List<BaselineResult> better() {
        return baselines.stream()
                .filter(baseline -> baseline.error() != null && baseline.error().rmse() < test.rmse())
                .toList();
    }

    /** The first row of every forecast. */
    public int[] origins() {
        return origins;
    }

    /** Of the model, {@code [origin][step]}. */
    public double[][] forecasts() {
        return forecasts;
    }

    /** Error of the model over all steps. */
    public ForecastError test() {
        return test;
    }

    /** Error of the model for each step of the horizon. */
    public List<ForecastError> byStep() {
        return byStep;
    }

    /** Errors of the baselines on the same rows. */
    public List<BaselineResult> baselines() {
        return baselines;
    }
}
