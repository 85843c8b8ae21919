package org.gatefold.recipe.market;

import java.util.Arrays;
import java.util.List;
import org.gatefold.data.Batches;
import org.gatefold.data.table.Table;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.recipe.Recipe;
import org.gatefold.recipe.RecipeDescription;
import org.gatefold.recipe.market.data.MarketHistory;
import org.gatefold.recipe.market.data.MarketOptions;
import org.gatefold.recipe.market.data.MarketTable;
import org.gatefold.recipe.market.weights.NextWeights;
import org.gatefold.recipe.option.Options;
import org.gatefold.recipe.option.UsageException;

/** Spreads a fortune over several assets by an LSTM that is trained on the Sharpe ratio after costs (Zhang, Zohren and Roberts 2020). */
public final class Portfolio implements Recipe {
    @Override
    public RecipeDescription describe() {
        return MarketOptions.common(Recipe.named("market-portfolio")
                        .says("Spreads a fortune over several assets, trained on the Sharpe ratio after costs."))
                .options(MarketOptions.COST, MarketOptions.PERIODS)
                .input(o ->
                        MarketHistory.of(o.get(MarketOptions.WINDOW), Arrays.asList(o.get(MarketOptions.ASSETS)), null))
                .target(o -> new NextWeights(
                        Arrays.asList(o.get(MarketOptions.ASSETS)),
                        o.find(MarketOptions.DATES).orElse(null),
                        o.get(MarketOptions.COST) / 10_000,
                        o.get(MarketOptions.PERIODS)))
                .network(o -> List.of(o.stacked(Lstm.of(o.hidden()))))
                .batches((o, dataset) -> Batches.of(dataset, evenly(dataset.size(), o.batch())))
                .defaults(o -> o.batch(64))
                .note(
                        "Rows of a batch follow each other: --batch says over how many the Sharpe ratio is taken. Most often equal"
                                + " weights do as well, and the run says so.")
                .note("Example: gatefold train market-portfolio --data funds.csv --assets stocks,bonds,gold --cost 10");
    }

    /** Rows of a batch, about as many as wanted, by which no batch is much smaller than others: few rows tell no Sharpe ratio. */
    private static int evenly(int rows, int wanted) {
        int batches = Math.max(1, Math.round((float) rows / wanted));
        return (rows + batches - 1) / batches;
    }

    @Override
    public Options complete(Options options, Table data, boolean sample) {
        List<String> assets = MarketTable.assets(options, data);
        if (assets.size() < 2) {
            throw new UsageException(
                    data.source() + ": expected at least 2 assets for a portfolio, got " + String.join(", ", assets));
        }
        return MarketOptions.complete(options, data);
    }
}
