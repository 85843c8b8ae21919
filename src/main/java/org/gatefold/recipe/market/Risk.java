package org.gatefold.recipe.market;

import org.gatefold.recipe.Recipe;
import org.gatefold.recipe.RecipeDescription;
import org.gatefold.recipe.market.data.MarketOptions;
import org.gatefold.recipe.market.risk.GarchPrior;
import org.gatefold.recipe.market.risk.NextRisk;

/** Tells volatility, value at risk and expected shortfall of an asset: GARCH(1,1), which an LSTM over the returns before corrects. */
public final class Risk implements OneAssetRecipe {
    @Override
    public RecipeDescription describe() {
        return MarketOptions.common(Recipe.named("market-risk")
                        .says("Tells volatility, value at risk and expected shortfall of an asset's next return."))
                .options(MarketOptions.ASSET)
                .input(o -> MarketOptions.history(o).withVolatility())
                .target(o -> NextRisk.of(
                        o.get(MarketOptions.ASSET), o.find(MarketOptions.DATES).orElse(null)))
                .prior(o -> new GarchPrior(null))
                .network(MarketOptions::layers)
                .note(
                        "Value at risk and shortfall are losses of logarithmic returns, at 95 and 99 %. The network corrects the"
                                + " variance of GARCH(1,1) as far as rows held back show that this helps.")
                .note("Example: gatefold train market-risk --data aapl.csv");
    }
}
