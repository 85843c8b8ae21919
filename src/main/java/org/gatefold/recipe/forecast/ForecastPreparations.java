package org.gatefold.recipe.forecast;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.gatefold.data.table.Table;
import org.gatefold.recipe.baseline.series.SeasonalNaive;
import org.gatefold.recipe.option.Option;
import org.gatefold.recipe.option.Options;

/** Preparations of series that may be better than the one that is usual, those that help most often first. Stateless. */
final class ForecastPreparations {
    private static final String ON = "true";
    private static final int MEMBERS = 3;

    private ForecastPreparations() {}

    static List<Map<String, String>> of(Options options, Table table) {
        List<Map<String, String>> ways = new ArrayList<>();
        double least = Arrays.stream(options.get(ForecastOptions.COLUMN))
                .flatMapToDouble(column -> Arrays.stream(table.numbers(column)))
                .min()
                .orElse(0);
        boolean asItIs = !options.get(ForecastOptions.LOG) && !options.get(ForecastOptions.SQRT);
        boolean log = asItIs && least > 0;
        if (log) {
            ways.add(with(ForecastOptions.LOG, ON));
        }
        if (asItIs && least >= 0) {
            ways.add(with(ForecastOptions.SQRT, ON));
        }
        OptionalInt season = season(options, table);
        if (season.isPresent()) {
            Map<String, String> change = with(ForecastOptions.SEASONAL_DIFF, season.getAsInt());
            ways.add(change);
            if (log) {
                ways.add(Map.of(
                        ForecastOptions.LOG.name(), ON, ForecastOptions.SEASONAL_DIFF.name(), "" + season.getAsInt()));
            }
        }
        int window = options.get(ForecastOptions.WINDOW);
        ways.add(with(ForecastOptions.WINDOW, Math.max(1, window / 2)));
        ways.add(with(Options.HIDDEN, Math.max(1, options.hidden() / 2)));
        ways.add(with(Options.MEMBERS, MEMBERS));
        ways.add(with(ForecastOptions.WINDOW, 2 * window));
        ways.add(with(Options.HIDDEN, 2 * options.hidden()));
        ways.add(with(ForecastOptions.DIFF, ON));
        return ways;
    }

    private static Map<String, String> with(Option<?> option, Object value) {
        return Map.of(option.name(), value.toString());
    }

    /** The season of the rows that are trained on, of which four must be there. */
    private static OptionalInt season(Options options, Table table) {
        double[] values = table.numbers(options.get(ForecastOptions.COLUMN)[0]);
        int training = Math.min(options.trainingRows(values.length), values.length);
        OptionalInt found = options.get(ForecastOptions.PERIOD) > 0
                ? OptionalInt.of(options.get(ForecastOptions.PERIOD))
                : SeasonalNaive.findPeriod(Arrays.copyOf(values, training));
        return found.isPresent() && 4 * found.getAsInt() <= training ? found : OptionalInt.empty();
    }
}
