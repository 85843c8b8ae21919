package org.gatefold.recipe.market;

import java.util.Arrays;
import java.util.List;
import org.gatefold.data.table.Table;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.recipe.Options;
import org.gatefold.recipe.Recipe;
import org.gatefold.recipe.RecipeDescription;

/** Tells volatility, value at risk and expected shortfall of an asset: GARCH(1,1), which an LSTM over the returns before corrects. */
public final class Risk implements Recipe {
    @Override
    public RecipeDescription describe() {
        return MarketOptions.common(Recipe.named("market-risk")
                        .says("Tells volatility, value at risk and expected shortfall of an asset's next return."))
                .options(MarketOptions.ASSET)
                .input(o -> MarketHistory.of(
                                o.get(MarketOptions.WINDOW),
                                Arrays.asList(o.get(MarketOptions.ASSETS)),
                                o.get(MarketOptions.ASSET))
                        .withVolatility())
                .target(o -> NextRisk.of(
                        o.get(MarketOptions.ASSET), o.find(MarketOptions.DATES).orElse(null)))
                .prior(o -> new GarchPrior(null))
                .network(o -> List.of(o.stacked(Lstm.of(o.hidden()))))
                .note(
                        "Value at risk and shortfall are losses of logarithmic returns, at 95 and 99 %. The network corrects the"
                                + " variance of GARCH(1,1) as far as rows held back show that this helps.")
                .note("Example: gatefold train market-risk --data aapl.csv");
    }

    @Override
    public Options complete(Options options, Table data, boolean sample) {
        return MarketOptions.completeForOne(options, data);
    }
}
