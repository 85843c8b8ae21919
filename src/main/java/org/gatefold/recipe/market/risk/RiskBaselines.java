package org.gatefold.recipe.market.risk;

import java.util.Arrays;
import java.util.List;
import org.gatefold.recipe.baseline.Garch;
import org.gatefold.recipe.field.Baseline;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.market.data.Prices;

/** Simple methods beside a {@link NextRisk}. Stateless. */
final class RiskBaselines {
    /** Rows of historical simulation: about a year of days, as regulators want at least. */
    private static final int HISTORY = 250;

    /** What a variance keeps of the one before, for daily returns (J.P. Morgan, RiskMetrics, 1996). */
    private static final double DECAY = 0.94;

    private RiskBaselines() {}

    /**
     * GARCH(1,1) with losses as they came over its volatilities, with losses of a normal distribution, the exponentially weighted variance of
     * RiskMetrics, and historical simulation.
     */
    static List<Baseline> all() {
        return List.of(garch(), normalGarch(), weighted(), historical());
    }

    private static Baseline garch() {
        return new Baseline("garch", (fields, training, test) -> {
            Garch fitted = GarchPrior.fitted(fields.target().name(), training);
            return new Baseline.Attempt(
                    fitted.detail() + ", losses as they came", new GarchPrior(fitted).answers(fields, test));
        });
    }

    private static Baseline normalGarch() {
        return new Baseline(
                "garch-normal",
                (fields, training, test) -> new Baseline.Attempt(
                        "normal losses",
                        normal(GarchPrior.fitted(fields.target().name(), training), fields, test)));
    }

    /** A GARCH(1,1) round 0 whose variance has no level of its own, with normal losses. */
    private static Baseline weighted() {
        return new Baseline("ewma", (fields, training, test) -> {
            double first = GarchPrior.fitted(fields.target().name(), training).initial();
            Garch method = new Garch(0, 0, 1 - DECAY, DECAY, first);
            return new Baseline.Attempt("decay " + DECAY + ", normal losses", normal(method, fields, test));
        });
    }

    private static double[][] normal(Garch method, Fields fields, Rows test) {
        NextRisk target = (NextRisk) fields.target();
        double[] volatilities = GarchPrior.volatilities(method, test.table(), target.name());
        return Arrays.stream(test.indices())
                .mapToObj(row -> target.risk(volatilities[row], Losses.NORMAL))
                .toArray(double[][]::new);
    }

    private static Baseline historical() {
        return new Baseline("historical", (fields, training, test) -> {
            double[][] answers = Arrays.stream(test.indices())
                    .mapToObj(row -> simulated(fields, test, row))
                    .toArray(double[][]::new);
            return new Baseline.Attempt("the last " + HISTORY + " rows", answers);
        });
    }

    /** Deviation and losses of the rows before; the return of the first row of a table is not known. */
    private static double[] simulated(Fields fields, Rows test, int row) {
        double[] returns = Prices.logReturns(test.table(), fields.target().name());
        double[] last = Arrays.copyOfRange(returns, Math.max(1, row - HISTORY), row);
        double mean = Arrays.stream(last).average().orElse(0);
        double square = Arrays.stream(last)
                .map(value -> (value - mean) * (value - mean))
                .average()
                .orElse(0);
        double[] losses = Losses.of(last).stretched(1, 0);
        return new double[] {Math.sqrt(Math.max(Double.MIN_NORMAL, square)), losses[0], losses[1], losses[2], losses[3]
        };
    }
}
