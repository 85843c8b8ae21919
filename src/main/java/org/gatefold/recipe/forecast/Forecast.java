package org.gatefold.recipe.forecast;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.gatefold.data.table.Table;
import org.gatefold.recipe.Recipe;
import org.gatefold.recipe.RecipeDescription;
import org.gatefold.recipe.TrainingLength;
import org.gatefold.recipe.field.panel.PanelTable;
import org.gatefold.recipe.option.Option;
import org.gatefold.recipe.option.Options;
import org.gatefold.recipe.option.UsageException;

/**
 * Forecasts a column of numbers: a combination of linear forecasts, and an LSTM over the rows before with a linear layer on its last
 * state, which learns what these leave over.
 */
public final class Forecast implements Recipe {
    private static final String SAMPLE_DATES = "month";
    private static final int FEWEST_HELD_BACK = 20;
    private static final int MOST_WINDOW = 60;
    private static final TrainingLength LENGTH = new TrainingLength(1400, 20, 100);

    @Override
    public RecipeDescription describe() {
        return Recipe.named("forecast")
                .says("Forecasts a column of a table whose rows follow each other in time.")
                .data("/org/gatefold/data/sunspots-monthly.csv")
                .testOnLast(0.2)
                .trainedAgainOnAll()
                .withMembers()
                .options(
                        ForecastOptions.COLUMN,
                        ForecastOptions.SERIES,
                        ForecastOptions.FEATURES,
                        ForecastOptions.KNOWN,
                        ForecastOptions.DATES,
                        ForecastOptions.WINDOW,
                        ForecastOptions.HORIZON,
                        ForecastOptions.STRATEGY)
                .options(
                        ForecastOptions.LOG,
                        ForecastOptions.SQRT,
                        ForecastOptions.SEASONAL_DIFF,
                        ForecastOptions.DIFF,
                        ForecastOptions.CALENDAR,
                        ForecastOptions.SCALE)
                .options(
                        ForecastOptions.TARGET,
                        ForecastOptions.PERIOD,
                        ForecastOptions.INTERVALS,
                        ForecastOptions.QUANTILES,
                        ForecastOptions.DISTRIBUTION,
                        ForecastOptions.ALONE,
                        Gaps.MISSING)
                .arranged(ForecastFields::arranged)
                .prepared(ForecastFields::prepared)
                .inputs(ForecastFields::inputs)
                .target(ForecastFields::target)
                .prior(ForecastFields::prior)
                .network(ForecastNetwork::of)
                .baselines(ForecastFields::baselines)
                .searched(ForecastOptions.BUDGET, ForecastPreparations::of)
                .defaults(o -> o.hidden(32).learningRate(3e-3).weightDecay(0.3).validation(0.2))
                .note(
                        "Trains as many epochs as make about 1,400 updates, 20 to 100, as was chosen on the training part of the"
                                + " sample, monthly sunspots.")
                .note("Example: gatefold train forecast --data air.csv --column passengers --window 24 --log"
                        + " --seasonal-diff 12");
    }

    @Override
    public Options complete(Options options, Table data, boolean sample) {
        if (options.get(ForecastOptions.LOG) && options.get(ForecastOptions.SQRT)) {
            throw new UsageException("expected --log or --sqrt, got both");
        }
        Options dated = sample ? options.with(ForecastOptions.DATES, SAMPLE_DATES) : options;
        if (dated.get(ForecastOptions.CALENDAR)
                && dated.find(ForecastOptions.DATES).isEmpty()) {
            throw new UsageException("calendar features: expected a column of dates; name it with --date-column");
        }
        for (String known : dated.get(ForecastOptions.KNOWN)) {
            if (List.of(dated.get(ForecastOptions.COLUMN)).contains(known)) {
                throw new UsageException(
                        ForecastOptions.KNOWN + ": expected columns that are not forecast, got " + known);
            }
        }
        if (dated.get(ForecastOptions.STRATEGY) == ForecastOptions.Strategy.RECURSIVE
                && (dated.get(ForecastOptions.CALENDAR) || dated.get(ForecastOptions.FEATURES).length > 0)) {
            throw new UsageException(ForecastOptions.STRATEGY + " recursive: expected columns that are "
                    + ForecastOptions.KNOWN + " of rows to come, got "
                    + (dated.get(ForecastOptions.CALENDAR) ? ForecastOptions.CALENDAR : ForecastOptions.FEATURES));
        }
        requireSpread(dated);
        Options named = dated.with(
                ForecastOptions.TARGET,
                dated.get(ForecastOptions.DIFF) ? ForecastOptions.Answer.LEVEL : ForecastOptions.Answer.CHANGE);
        if (named.get(ForecastOptions.COLUMN).length == 0) {
            named = named.with(ForecastOptions.COLUMN, new String[] {onlyNumbers(data, dated)});
        }
        int series = data instanceof PanelTable panel ? panel.series().size() : 1;
        int training = named.trainingRows(data instanceof PanelTable panel ? panel.shortest() : data.rows());
        if (training < FEWEST_HELD_BACK) {
            named = named.validation(0);
        }
        named = named.with(ForecastOptions.WINDOW, Math.max(1, Math.min(MOST_WINDOW, training / 4)));
        int each = series == 1 ? training : named.trainingRows(data.rows() / series);
        int windows = each
                - (int) Math.round(each * named.validation())
                - ForecastFields.read(named).before()
                - named.get(ForecastOptions.HORIZON)
                + 1;
        int updates = (Math.max(1, windows) * series + named.batch() - 1) / named.batch();
        return LENGTH.of(named, updates);
    }

    /** Refuses what does not go with forecasts of more than one number. */
    private static void requireSpread(Options options) {
        if (!ForecastOptions.isSpread(options)) {
            return;
        }
        Option<?> learnt = options.get(ForecastOptions.QUANTILES).length > 0
                ? ForecastOptions.QUANTILES
                : ForecastOptions.DISTRIBUTION;
        if (learnt == ForecastOptions.QUANTILES
                && options.find(ForecastOptions.DISTRIBUTION).isPresent()) {
            throw new UsageException("expected " + learnt + " or " + ForecastOptions.DISTRIBUTION + ", got both");
        }
        if (learnt == ForecastOptions.QUANTILES && options.isGiven(ForecastOptions.INTERVALS)) {
            throw new UsageException("expected " + learnt + " or " + ForecastOptions.INTERVALS + ", got both");
        }
        if (options.get(ForecastOptions.STRATEGY) == ForecastOptions.Strategy.RECURSIVE) {
            throw new UsageException(learnt + ": expected " + ForecastOptions.STRATEGY + " direct, as what lies round a"
                    + " forecast cannot be read as if it had come, got recursive");
        }
        int horizon = options.get(ForecastOptions.HORIZON);
        int lag = options.get(ForecastOptions.DIFF)
                ? 1
                : options.find(ForecastOptions.SEASONAL_DIFF).orElse(horizon);
        if (lag < horizon) {
            throw new UsageException(learnt + ": expected no changes against rows that are forecast themselves, got "
                    + (lag == 1 ? ForecastOptions.DIFF : ForecastOptions.SEASONAL_DIFF) + " with "
                    + ForecastOptions.HORIZON + " " + horizon);
        }
    }

    private static String onlyNumbers(Table data, Options options) {
        List<String> others = Stream.of(options.find(ForecastOptions.DATES), options.find(ForecastOptions.SERIES))
                .flatMap(Optional::stream)
                .toList();
        List<String> candidates = data.names().stream()
                .filter(name -> !others.contains(name) && data.startsWithNumber(name))
                .toList();
        if (candidates.size() == 1) {
            return candidates.get(0);
        }
        throw new IllegalArgumentException(data.source()
                + ": name the column to forecast with --column; its columns are " + String.join(", ", data.names()));
    }
}
