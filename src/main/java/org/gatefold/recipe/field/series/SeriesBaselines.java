package org.gatefold.recipe.field.series;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.BiFunction;
import org.gatefold.recipe.baseline.series.Autoregression;
import org.gatefold.recipe.baseline.series.ExponentialSmoothing;
import org.gatefold.recipe.baseline.series.Persistence;
import org.gatefold.recipe.baseline.series.SeasonalNaive;
import org.gatefold.recipe.baseline.series.SeriesBaseline;
import org.gatefold.recipe.baseline.series.Theta;
import org.gatefold.recipe.field.Baseline;
import org.gatefold.recipe.field.Baseline.Attempt;

/** What models that forecast numbers are compared with. */
public final class SeriesBaselines {
    /** The highest order that an autoregression may choose. */
    private static final int MOST_ORDER = 36;

    private SeriesBaselines() {}

    /** The mean of the training rows, for a {@link Numeric}. */
    public static Baseline mean() {
        return new Baseline("mean", (fields, training, test) -> {
            double mean = Arrays.stream(training.numbers(fields.target().name()))
                    .average()
                    .orElseThrow();
            return Attempt.everywhere(test, mean);
        });
    }

    /**
     * The usual forecasts of a {@link Horizon}: no change, the last season again, an autoregression, exponential smoothing, and the
     * Theta method.
     *
     * @param period rows in a season; 0 to find it in the training rows
     */
    public static List<Baseline> forecasts(int period) {
        return List.of(persistence(), seasonal(period), autoregression(), smoothing(period), theta(period));
    }

    /** The last known value, for a {@link Horizon}. */
    public static Baseline persistence() {
        return series("persistence", (values, training) -> forecast(new Persistence()));
    }

    /**
     * The value one season earlier, for a {@link Horizon}.
     *
     * @param period rows in a season; 0 to find it in the training rows
     */
    public static Baseline seasonal(int period) {
        return series("seasonal", (values, training) -> {
            OptionalInt season =
                    period > 0 ? OptionalInt.of(period) : SeasonalNaive.findPeriod(Arrays.copyOf(values, training));
            if (season.isEmpty()) {
                return new Forecast(null, "no season found in the training part");
            }
            return season.getAsInt() > training
                    ? new Forecast(null, "the period is longer than the training part")
                    : forecast(new SeasonalNaive(season.getAsInt()));
        });
    }

    /** A linear autoregression of an order that it chooses on the training rows, for a {@link Horizon}. */
    public static Baseline autoregression() {
        return series(
                "ar",
                (values, training) -> training < 10
                        ? new Forecast(null, "fewer than 10 training rows")
                        : forecast(Autoregression.choose(values, training, MOST_ORDER)));
    }

    /**
     * Exponential smoothing of level, trend and season, for a {@link Horizon}.
     *
     * @param period rows in a season; 0 to find it in the training rows
     */
    public static Baseline smoothing(int period) {
        return series("ets", (values, training) -> {
            int season = season(values, training, period);
            return training < ExponentialSmoothing.fewestRows(season)
                    ? new Forecast(null, "fewer than " + ExponentialSmoothing.fewestRows(season) + " training rows")
                    : forecast(ExponentialSmoothing.fit(values, training, season));
        });
    }

    /**
     * The Theta method, for a {@link Horizon}.
     *
     * @param period rows in a season; 0 to find it in the training rows
     */
    public static Baseline theta(int period) {
        return series(
                "theta",
                (values, training) -> training < Theta.FEWEST
                        ? new Forecast(null, "fewer than " + Theta.FEWEST + " training rows")
                        : forecast(Theta.fit(values, training, season(values, training, period))));
    }

    private static int season(double[] values, int training, int period) {
        return period > 0
                ? period
                : SeasonalNaive.findPeriod(Arrays.copyOf(values, training)).orElse(1);
    }

    /** @param method null if it does not apply */
    private record Forecast(SeriesBaseline method, String detail) {}

    private static Forecast forecast(SeriesBaseline method) {
        return new Forecast(method, method.detail());
    }

    /** @param fit makes a forecast of a column and the number of its rows that are for training, the first ones */
    private static Baseline series(String name, BiFunction<double[], Integer, Forecast> fit) {
        return new Baseline(name, (fields, training, test) -> {
            double[] values = test.table().numbers(fields.target().name());
            Forecast forecast = fit.apply(values, training.size());
            if (forecast.method() == null) {
                return new Attempt(forecast.detail(), null);
            }
            int needed = forecast.method().before();
            if (Arrays.stream(test.indices()).anyMatch(row -> row < needed)) {
                return new Attempt("fewer than " + needed + " rows before the first that is tested", null);
            }
            double[][] answers = forecast.method()
                    .forecasts(values, test.indices(), fields.target().span());
            return new Attempt(forecast.detail(), answers);
        });
    }
}
