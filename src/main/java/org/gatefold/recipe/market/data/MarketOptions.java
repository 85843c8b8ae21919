package org.gatefold.recipe.market.data;

import java.util.Arrays;
import java.util.List;
import org.gatefold.data.table.Table;
import org.gatefold.layer.Layer;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.recipe.RecipeDescription;
import org.gatefold.recipe.TrainingLength;
import org.gatefold.recipe.option.Option;
import org.gatefold.recipe.option.Options;
import org.gatefold.recipe.option.UsageException;

/** The options of all recipes for markets, and what they choose by the data. Stateless. */
public final class MarketOptions {
    public static final Option<String> DATES = Option.text(
            "date-column", "NAME", "The column of dates, which must rise; date, time or timestamp if there is one.");
    static final Option<String> ASSET_COLUMN = Option.text(
            "asset-column", "NAME", "The column that names the asset, in files with a row for each date and asset.");
    static final Option<String> PRICE = Option.text(
            "price-column",
            "NAME",
            "The column of prices, in files of one asset or with --asset-column; close if there is one, or the only one of"
                    + " numbers.");
    public static final Option<String[]> ASSETS = Option.texts(
            "assets",
            "NAMES",
            "The assets that the model reads, by column or name, separated by commas; all by default.");
    public static final Option<String> ASSET =
            Option.text("asset", "NAME", "The asset that the model answers for; the first by default.");
    public static final Option<Integer> WINDOW = Option.integer("window", "N", "Rows that the model reads.")
            .atLeast(1)
            .or(20);
    public static final Option<Integer> RETRAIN = Option.integer(
                    "retrain",
                    "N",
                    "Train anew after every N rows of the test part, on all rows before; 0 for never. The model that is kept is"
                            + " the first.")
            .atLeast(0)
            .or(0);
    public static final Option<Double> COST = Option.real(
                    "cost", "POINTS", "Cost of a trade in hundredths of a percent of what is traded.")
            .expecting("0 to 1000", points -> points >= 0 && points <= 1000)
            .or(5.0);
    public static final Option<Double> PERIODS = Option.real(
                    "periods-per-year", "N", "Rows in a year, by which figures are told per year.")
            .expecting("a number above 0", periods -> periods > 0 && periods < Double.MAX_VALUE)
            .or(252.0);

    /** Examples that there must be in the training part. */
    private static final int FEWEST_EXAMPLES = 40;

    private static final TrainingLength LENGTH = new TrainingLength(600, 10, 60);

    private MarketOptions() {}

    /** What all recipes for markets have in common. */
    public static RecipeDescription common(RecipeDescription description) {
        return description
                .data("/org/gatefold/data/eu-stocks.csv")
                .arranged(MarketTable::arranged)
                .options(DATES, ASSET_COLUMN, PRICE, ASSETS, WINDOW)
                .trainedAgainOnAll()
                .walkForward(RETRAIN)
                .defaults(o -> o.hidden(16).learningRate(3e-3).weightDecay(0.3).validation(0.2));
    }

    /** What recipes for one asset read: the returns of all before, its own first. */
    public static MarketHistory history(Options options) {
        return MarketHistory.of(options.get(WINDOW), Arrays.asList(options.get(ASSETS)), options.get(ASSET));
    }

    /** The network of recipes for one asset. */
    public static List<Layer> layers(Options options) {
        return List.of(options.stacked(Lstm.of(options.hidden())));
    }

    /**
     * Settles what the data decides: dates, assets, and the number of epochs.
     *
     * @throws UsageException if there are too few rows
     */
    public static Options complete(Options options, Table data) {
        List<String> assets = MarketTable.assets(options, data);
        Options settled = options.with(ASSETS, assets.toArray(String[]::new));
        if (MarketTable.dates(options, data) != null) {
            settled = settled.with(DATES, MarketTable.dates(options, data));
        }
        int before = settled.get(WINDOW) + 1;
        int training = settled.trainingRows(data.rows());
        if (training < before + FEWEST_EXAMPLES) {
            throw new UsageException(data.source() + ": expected at least " + (before + FEWEST_EXAMPLES)
                    + " rows to train on with --window " + settled.get(WINDOW) + ", got " + training + " of "
                    + data.rows());
        }
        int examples = training - before - (int) Math.round(training * settled.validation());
        int updates = (Math.max(1, examples) + settled.batch() - 1) / settled.batch();
        return LENGTH.of(settled, updates);
    }

    /**
     * As {@link #complete}, of recipes that answer for one asset: the first, unless it is named.
     *
     * @throws UsageException if there is none of that name
     */
    public static Options completeForOne(Options options, Table data) {
        Options complete = complete(options, data);
        List<String> assets = Arrays.asList(complete.get(ASSETS));
        Options settled = complete.with(ASSET, assets.get(0));
        if (!assets.contains(settled.get(ASSET))) {
            throw new UsageException(
                    ASSET + ": expected one of " + String.join(", ", assets) + ", got '" + settled.get(ASSET) + "'");
        }
        return settled;
    }
}
