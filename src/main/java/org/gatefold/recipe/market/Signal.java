package org.gatefold.recipe.market;

import org.gatefold.recipe.Recipe;
import org.gatefold.recipe.RecipeDescription;
import org.gatefold.recipe.market.data.MarketOptions;
import org.gatefold.recipe.market.data.Trading;
import org.gatefold.recipe.market.moves.NextMove;
import org.gatefold.recipe.option.Option;

/** Tells whether an asset goes up, stays or goes down next, by an LSTM over the returns before, and what trading on that brings. */
public final class Signal implements OneAssetRecipe {
    private static final Option<Double> BAND = Option.real(
                    "band",
                    "PERCENT",
                    "Returns within so many percent of 0 are flat; 0 for the band that holds a third of the training rows.")
            .expecting("0 to below 100", percent -> percent >= 0 && percent < 100)
            .or(0.0);
    private static final Option<Boolean> LONG_ONLY =
            Option.flag("long-only", "Hold nothing where prices are to fall, in place of selling short.");

    /** About half a year of days. */
    private static final int RETRAINED = 125;

    @Override
    public RecipeDescription describe() {
        return MarketOptions.common(
                        Recipe.named("market-signal")
                                .says(
                                        "Tells whether an asset goes up or down next, and what trading on that brings after costs."))
                .options(MarketOptions.ASSET, BAND, LONG_ONLY, MarketOptions.COST, MarketOptions.PERIODS)
                .input(MarketOptions::history)
                .target(o -> NextMove.of(
                        o.get(MarketOptions.ASSET),
                        o.find(MarketOptions.DATES).orElse(null),
                        new NextMove.Ways(
                                o.get(BAND) / 100,
                                !o.get(LONG_ONLY),
                                Trading.ofPoints(o.get(MarketOptions.COST)),
                                o.get(MarketOptions.PERIODS))))
                .network(MarketOptions::layers)
                .defaults(o -> o.with(MarketOptions.RETRAIN, RETRAINED))
                .note(
                        "A position is taken at the last price that the model read. Most often buying and holding brings more, and"
                                + " the run says so.")
                .note("Example: gatefold train market-signal --data aapl.csv --cost 10 --retrain 20");
    }
}
