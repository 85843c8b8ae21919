package org.gatefold.recipe.market.risk;

import com.google.gson.JsonObject;
import java.util.Arrays;
import org.gatefold.data.table.Table;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.baseline.Garch;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Prior;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.market.data.Prices;

/**
 * The volatility by {@link Garch} for a {@link NextRisk}, so that a network has to learn only how far that is wrong.
 *
 * @param method null before it is fitted
 */
public record GarchPrior(Garch method) implements Prior {
    private static final String MEAN = "mean";
    private static final String OMEGA = "omega";
    private static final String ALPHA = "alpha";
    private static final String BETA = "beta";
    private static final String INITIAL = "initial";

    @Override
    public GarchPrior fit(Fields fields, Rows training) {
        return new GarchPrior(fitted(fields.target().name(), training));
    }

    /** Fitted to the returns of some rows. */
    static Garch fitted(String asset, Rows training) {
        double[] returns = Prices.logReturns(training.table(), asset);
        return Garch.fit(Arrays.stream(training.indices())
                .filter(row -> row > 0)
                .mapToDouble(row -> returns[row])
                .toArray());
    }

    /** The volatility of each row of a table by those before it, and of that behind the last; the first has none. */
    static double[] volatilities(Garch method, Table table, String asset) {
        double[] returns = Prices.logReturns(table, asset);
        double[] variances = method.variances(Arrays.copyOfRange(returns, 1, returns.length));
        double[] volatilities = new double[returns.length + 1];
        for (int row = 1; row < volatilities.length; row++) {
            volatilities[row] = Math.sqrt(variances[row - 1]);
        }
        return volatilities;
    }

    @Override
    public double[][] answers(Fields fields, Rows rows) {
        NextRisk target = (NextRisk) fields.target();
        double[] volatilities = volatilities(method, rows.table(), target.name());
        return Arrays.stream(rows.indices())
                .mapToObj(row -> target.risk(volatilities[row]))
                .toArray(double[][]::new);
    }

    @Override
    public String name() {
        return "GARCH(1,1)";
    }

    @Override
    public String detail() {
        return name() + " (" + method.detail() + ")";
    }

    @Override
    public JsonObject state() {
        return Json.object(
                MEAN, method.mean(),
                OMEGA, method.omega(),
                ALPHA, method.alpha(),
                BETA, method.beta(),
                INITIAL, method.initial());
    }

    @Override
    public GarchPrior restored(JsonFields state) {
        return new GarchPrior(new Garch(
                state.number(MEAN, -Double.MAX_VALUE),
                state.number(OMEGA, 0),
                state.number(ALPHA, 0),
                state.number(BETA, 0),
                state.number(INITIAL, 0)));
    }
}
