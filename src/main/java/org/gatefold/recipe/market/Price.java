package org.gatefold.recipe.market;

import org.gatefold.recipe.Recipe;
import org.gatefold.recipe.RecipeDescription;
import org.gatefold.recipe.market.data.MarketOptions;
import org.gatefold.recipe.market.returns.NextReturn;
import org.gatefold.recipe.market.returns.RandomWalk;
import org.gatefold.recipe.option.Option;

/** Forecasts the return of an asset by an LSTM over the returns before, as far as that helps beside the random walk. */
public final class Price implements OneAssetRecipe {
    private static final Option<Integer> HORIZON = Option.integer("horizon", "K", "Rows that the return spans.")
            .atLeast(1)
            .or(1);

    @Override
    public RecipeDescription describe() {
        return MarketOptions.common(Recipe.named("market-price")
                        .says("Forecasts the next return of an asset, beside the random walk."))
                .options(MarketOptions.ASSET, HORIZON)
                .input(MarketOptions::history)
                .target(o -> NextReturn.of(
                        o.get(MarketOptions.ASSET),
                        o.get(HORIZON),
                        o.find(MarketOptions.DATES).orElse(null)))
                .prior(o -> new RandomWalk())
                .network(MarketOptions::layers)
                .note(
                        "Returns are logarithms of prices over those before; prices are never learnt. Most often nothing beats the"
                                + " random walk, and the run says so: the network has no part then.")
                .note("Example: gatefold train market-price --data aapl.csv --horizon 5");
    }
}
