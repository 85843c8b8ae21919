package org.gatefold.recipe.field.series;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.gatefold.data.table.Table;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.baseline.series.Evidence;
import org.gatefold.recipe.baseline.series.ForecastCombination;
import org.gatefold.recipe.baseline.series.LaggedRegression;
import org.gatefold.recipe.baseline.series.SeasonalNaive;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Prior;
import org.gatefold.recipe.field.Rows;

/**
 * A {@link ForecastCombination} for a {@link Horizon}, so that a network has to learn only what linear methods leave over (as in
 * LSTNet, Lai 2018, and ES-RNN, Smyl 2020). The training rows are the first ones of their table.
 */
public final class SeriesPrior implements Prior {
    private static final String MEMBERS = "members";
    private static final String ROWS = "rows";
    private static final String ERRORS = "errors";
    private static final String TRUST = "trust";
    private static final String SQUARES = "squares";
    private static final String SELECTED = "selected";
    private static final String WEIGHT = "weight";

    private final int period;
    private final List<String> known;
    private final ForecastCombination method;

    private SeriesPrior(int period, List<String> known, ForecastCombination method) {
        this.period = period;
        this.known = List.copyOf(known);
        this.method = method;
    }

    /**
     * One that is not yet fitted.
     *
     * @param period rows in a season; 0 to find it in the training rows
     */
    public static SeriesPrior of(int period) {
        return of(period, List.of());
    }

    /**
     * One that is not yet fitted.
     *
     * @param period rows in a season; 0 to find it in the training rows
     * @param known columns that are known of the rows that are forecast, behind the last of a table by a {@link KnownAhead}
     */
    public static SeriesPrior of(int period, List<String> known) {
        return new SeriesPrior(period, known, null);
    }

    @Override
    public SeriesPrior fit(Fields fields, Rows training) {
        double[] values = training.table().numbers(fields.target().name());
        double[][] columns = known(training.table());
        int[] seasons = period > 0
                ? IntStream.of(period).filter(rows -> rows > 1).toArray()
                : seasons(Arrays.copyOf(values, training.size()), columns);
        return new SeriesPrior(
                period,
                known,
                ForecastCombination.fit(
                        values,
                        columns,
                        training.size(),
                        seasons,
                        fields.target().span()));
    }

    /** Seasons of a series, and of what a regression on columns that are known ahead leaves of it. */
    private static int[] seasons(double[] values, double[][] columns) {
        IntStream seasons = Arrays.stream(SeasonalNaive.findPeriods(values));
        if (columns.length == 0) {
            return seasons.toArray();
        }
        LaggedRegression told = LaggedRegression.onKnown(values, columns);
        double[] left = IntStream.range(0, values.length)
                .mapToDouble(row -> values[row] - told.forecast(values, row, 1)[0])
                .toArray();
        return IntStream.concat(seasons, Arrays.stream(SeasonalNaive.findPeriods(left)))
                .distinct()
                .toArray();
    }

    @Override
    public double[][] answers(Fields fields, Rows rows) {
        int span = fields.target().span();
        Ahead.requireKnown(rows, span, known);
        return method.knowing(known(rows.table()))
                .forecasts(rows.table().numbers(fields.target().name()), rows.indices(), span);
    }

    private double[][] known(Table table) {
        return known.stream().map(column -> Ahead.values(table, column)).toArray(double[][]::new);
    }

    @Override
    public String name() {
        return "linear forecasts";
    }

    @Override
    public String detail() {
        return method.detail();
    }

    @Override
    public JsonObject state() {
        JsonArray members = new JsonArray();
        for (ForecastCombination.Member member : method.members()) {
            JsonObject state = MethodState.of(member.method());
            state.addProperty(TRUST, member.evidence().trust());
            state.addProperty(SQUARES, member.evidence().squares());
            state.addProperty(SELECTED, member.evidence().selected());
            members.add(state);
        }
        return Json.object(ROWS, method.rows(), ERRORS, method.errors(), MEMBERS, members);
    }

    @Override
    public SeriesPrior restored(JsonFields state) {
        List<ForecastCombination.Member> members = state.list(MEMBERS).stream()
                .map(member -> new ForecastCombination.Member(MethodState.read(member), evidence(member)))
                .toList();
        if (members.isEmpty()) {
            throw state.wrong(MEMBERS, "expected at least one, got none", null);
        }
        return new SeriesPrior(
                period,
                known,
                new ForecastCombination(
                        members,
                        state.has(ROWS) ? state.integer(ROWS, 0, Integer.MAX_VALUE) : 0,
                        state.has(ERRORS) ? state.integer(ERRORS, 0, Integer.MAX_VALUE) : Evidence.ALL_SELECTED));
    }

    /** Members of models that were saved before weights went on to change have one that does not. */
    private static Evidence evidence(JsonFields member) {
        return member.has(WEIGHT)
                ? new Evidence(1, 0, member.number(WEIGHT, Double.MIN_VALUE))
                : new Evidence(
                        member.number(TRUST, Double.MIN_VALUE), member.number(SQUARES, 0), member.number(SELECTED, 0));
    }
}
