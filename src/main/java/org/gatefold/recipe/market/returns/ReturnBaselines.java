package org.gatefold.recipe.market.returns;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntToDoubleFunction;
import org.gatefold.recipe.baseline.series.Autoregression;
import org.gatefold.recipe.field.Baseline;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.market.data.Prices;

/** Simple forecasts of a {@link NextReturn}. Stateless. */
final class ReturnBaselines {
    private static final int MOST_ORDER = 10;
    private static final int FEWEST_ROWS = 30;

    private ReturnBaselines() {}

    /** The random walk, the mean return of the training rows, and an autoregression of returns. */
    static List<Baseline> all() {
        return List.of(randomWalk(), drift(), autoregression());
    }

    private static Baseline randomWalk() {
        return new Baseline(
                "random-walk", (fields, training, test) -> new Baseline.Attempt("", answers(test, row -> 0)));
    }

    private static Baseline drift() {
        return new Baseline("drift", (fields, training, test) -> {
            double[] returns =
                    Prices.logReturns(training.table(), fields.target().name());
            double mean = Arrays.stream(training.indices())
                    .filter(row -> row > 0)
                    .mapToDouble(row -> returns[row])
                    .average()
                    .orElse(0);
            return new Baseline.Attempt(
                    String.format(Locale.ROOT, "%.5f a row", mean),
                    answers(test, row -> mean * fields.target().span()));
        });
    }

    /** The training rows are the first ones of a table; the return of its first row is not known. */
    private static Baseline autoregression() {
        return new Baseline("ar", (fields, training, test) -> {
            if (training.size() < FEWEST_ROWS) {
                return new Baseline.Attempt("fewer than " + FEWEST_ROWS + " training rows", null);
            }
            double[] known = returns(training, fields.target().name());
            Autoregression fitted = Autoregression.choose(known, training.size() - 1, MOST_ORDER);
            double[] returns = returns(test, fields.target().name());
            return new Baseline.Attempt(fitted.detail(), answers(test, row -> Arrays.stream(
                            fitted.forecast(returns, row - 1, fields.target().span()))
                    .sum()));
        });
    }

    /** Those behind the first row of a table. */
    private static double[] returns(Rows rows, String asset) {
        double[] all = Prices.logReturns(rows.table(), asset);
        return Arrays.copyOfRange(all, 1, all.length);
    }

    private static double[][] answers(Rows test, IntToDoubleFunction answer) {
        return Arrays.stream(test.indices())
                .mapToObj(row -> new double[] {answer.applyAsDouble(row)})
                .toArray(double[][]::new);
    }
}
