package org.gatefold.recipe.field.series;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.gatefold.data.transform.TransformChain;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.baseline.Autoregression;
import org.gatefold.recipe.baseline.ExponentialSmoothing;
import org.gatefold.recipe.baseline.ForecastCombination;
import org.gatefold.recipe.baseline.SeasonalIndices;
import org.gatefold.recipe.baseline.SeasonalNaive;
import org.gatefold.recipe.baseline.SeriesBaseline;
import org.gatefold.recipe.baseline.Theta;
import org.gatefold.recipe.baseline.Transformed;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Prior;
import org.gatefold.recipe.field.Rows;

/**
 * A {@link ForecastCombination} for a {@link Horizon}, so that a network has to learn only what linear methods leave over (as in
 * LSTNet, Lai 2018, and ES-RNN, Smyl 2020). The training rows are the first ones of their table.
 */
public final class SeriesPrior implements Prior {
    private static final String MEMBERS = "members";
    private static final String TRANSFORMS = "transforms";
    private static final String WEIGHT = "weight";
    private static final String INTERCEPT = "intercept";
    private static final String WEIGHTS = "weights";
    private static final String PERIOD = "period";
    private static final String ALPHA = "alpha";
    private static final String BETA = "beta";
    private static final String GAMMA = "gamma";
    private static final String SLOPE = "slope";
    private static final String INDICES = "indices";
    private static final String PHI = "phi";

    private final int period;
    private final ForecastCombination method;

    private SeriesPrior(int period, ForecastCombination method) {
        this.period = period;
        this.method = method;
    }

    /**
     * One that is not yet fitted.
     *
     * @param period rows in a season; 0 to find it in the training rows
     */
    public static SeriesPrior of(int period) {
        return new SeriesPrior(period, null);
    }

    @Override
    public SeriesPrior fit(Fields fields, Rows training) {
        double[] values = training.table().numbers(fields.target().name());
        int season = period > 0
                ? period
                : SeasonalNaive.findPeriod(Arrays.copyOf(values, training.size()))
                        .orElse(1);
        return new SeriesPrior(
                period,
                ForecastCombination.fit(
                        values, training.size(), season, fields.target().span()));
    }

    @Override
    public double[][] answers(Fields fields, Rows rows) {
        return method.forecasts(
                rows.table().numbers(fields.target().name()),
                rows.indices(),
                fields.target().span());
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
        method.members().forEach((member, weight) -> {
            JsonObject state = new JsonObject();
            JsonArray transforms = new JsonArray();
            member.transforms().labels().forEach(transforms::add);
            state.addProperty(WEIGHT, weight);
            state.add(TRANSFORMS, transforms);
            if (member.method() instanceof ExponentialSmoothing smoothing) {
                state.addProperty(PERIOD, smoothing.period());
                state.addProperty(ALPHA, smoothing.alpha());
                state.addProperty(BETA, smoothing.beta());
                state.addProperty(GAMMA, smoothing.gamma());
                state.addProperty(PHI, smoothing.phi());
            } else if (member.method() instanceof Theta theta) {
                state.addProperty(ALPHA, theta.alpha());
                state.addProperty(SLOPE, theta.slope());
                state.add(INDICES, Numbered.of(theta.indices().values()));
            } else {
                Autoregression autoregression = (Autoregression) member.method();
                state.addProperty(INTERCEPT, autoregression.intercept());
                state.add(WEIGHTS, Numbered.of(autoregression.weights()));
            }
            members.add(state);
        });
        return Json.object(MEMBERS, members);
    }

    @Override
    public SeriesPrior restored(JsonFields state) {
        Map<Transformed, Double> members = new LinkedHashMap<>();
        for (JsonFields member : state.list(MEMBERS)) {
            try {
                members.merge(
                        new Transformed(TransformChain.parse(member.textList(TRANSFORMS)), method(member)),
                        member.number(WEIGHT, Double.MIN_VALUE),
                        Double::sum);
            } catch (IllegalArgumentException e) {
                throw state.wrong(MEMBERS, e.getMessage(), e);
            }
        }
        if (members.isEmpty()) {
            throw state.wrong(MEMBERS, "expected at least one, got none", null);
        }
        return new SeriesPrior(period, new ForecastCombination(members));
    }

    private static SeriesBaseline method(JsonFields member) {
        if (member.has(SLOPE)) {
            return new Theta(
                    new SeasonalIndices(Numbered.read(member.fields(INDICES))),
                    member.number(ALPHA, 0),
                    member.number(SLOPE, -Double.MAX_VALUE));
        }
        return member.has(PERIOD)
                ? new ExponentialSmoothing(
                        member.integer(PERIOD, 1, Integer.MAX_VALUE),
                        member.number(ALPHA, 0),
                        member.number(BETA, 0),
                        member.number(GAMMA, 0),
                        member.number(PHI, 0))
                : Autoregression.of(member.number(INTERCEPT, -Double.MAX_VALUE), Numbered.read(member.fields(WEIGHTS)));
    }
}
