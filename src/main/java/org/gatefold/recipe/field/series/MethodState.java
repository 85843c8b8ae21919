package org.gatefold.recipe.field.series;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.Arrays;
import org.gatefold.data.transform.TransformChain;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.baseline.series.Autoregression;
import org.gatefold.recipe.baseline.series.ExponentialSmoothing;
import org.gatefold.recipe.baseline.series.LaggedRegression;
import org.gatefold.recipe.baseline.series.SeasonalArma;
import org.gatefold.recipe.baseline.series.SeasonalIndices;
import org.gatefold.recipe.baseline.series.SeriesBaseline;
import org.gatefold.recipe.baseline.series.Theta;
import org.gatefold.recipe.baseline.series.Transformed;

/** Simple forecasts in model files. Stateless. */
final class MethodState {
    private static final String TRANSFORMS = "transforms";
    private static final String INTERCEPT = "intercept";
    private static final String WEIGHTS = "weights";
    private static final String LAGS = "lags";
    private static final String WAVES = "waves";
    private static final String LINE = "line";
    private static final String COLUMNS = "columns";
    private static final String BACK = "back";
    private static final String PERIOD = "period";
    private static final String ALPHA = "alpha";
    private static final String BETA = "beta";
    private static final String GAMMA = "gamma";
    private static final String SLOPE = "slope";
    private static final String INDICES = "indices";
    private static final String MEAN = "mean";
    private static final String THETA = "theta";
    private static final String SEASONAL = "seasonal";
    private static final String PHI = "phi";

    private MethodState() {}

    static JsonObject of(Transformed transformed) {
        JsonObject state = ofMethod(transformed.method());
        JsonArray transforms = new JsonArray();
        transformed.transforms().labels().forEach(transforms::add);
        state.add(TRANSFORMS, transforms);
        return state;
    }

    private static JsonObject ofMethod(SeriesBaseline method) {
        if (method instanceof ExponentialSmoothing smoothing) {
            JsonObject state = Json.object(PERIOD, smoothing.period(), ALPHA, smoothing.alpha());
            state.addProperty(BETA, smoothing.beta());
            state.addProperty(GAMMA, smoothing.gamma());
            state.addProperty(PHI, smoothing.phi());
            return state;
        }
        if (method instanceof Theta theta) {
            return Json.object(
                    ALPHA,
                    theta.alpha(),
                    SLOPE,
                    theta.slope(),
                    INDICES,
                    Numbered.of(theta.indices().values()));
        }
        if (method instanceof SeasonalArma arma) {
            JsonObject state = Json.object(PERIOD, arma.period(), MEAN, arma.mean(), PHI, arma.phi());
            state.addProperty(THETA, arma.theta());
            state.addProperty(SEASONAL, arma.seasonal());
            return state;
        }
        if (method instanceof LaggedRegression regression) {
            LaggedRegression.Terms terms = regression.terms();
            JsonObject state = Json.object(
                    LAGS,
                    Numbered.of(Arrays.stream(terms.lags()).asDoubleStream().toArray()),
                    PERIOD,
                    terms.period());
            state.addProperty(WAVES, terms.waves());
            state.addProperty(LINE, terms.line());
            if (terms.columns() > 0) {
                state.addProperty(COLUMNS, terms.columns());
                state.addProperty(BACK, terms.back());
            }
            state.add(WEIGHTS, Numbered.of(regression.weights()));
            return state;
        }
        Autoregression autoregression = (Autoregression) method;
        return Json.object(INTERCEPT, autoregression.intercept(), WEIGHTS, Numbered.of(autoregression.weights()));
    }

    /** @throws org.gatefold.file.FileException naming file and field if that is no such state */
    static Transformed read(JsonFields state) {
        try {
            return new Transformed(TransformChain.parse(state.textList(TRANSFORMS)), method(state));
        } catch (IllegalArgumentException e) {
            throw state.wrong(TRANSFORMS, e.getMessage(), e);
        }
    }

    private static SeriesBaseline method(JsonFields state) {
        if (state.has(SLOPE)) {
            return new Theta(
                    new SeasonalIndices(Numbered.read(state.fields(INDICES))),
                    state.number(ALPHA, 0),
                    state.number(SLOPE, -Double.MAX_VALUE));
        }
        if (state.has(THETA)) {
            return new SeasonalArma(
                    state.integer(PERIOD, 1, Integer.MAX_VALUE),
                    state.number(MEAN, -Double.MAX_VALUE),
                    state.number(PHI, -1),
                    state.number(THETA, -1),
                    state.number(SEASONAL, -1));
        }
        if (state.has(LAGS)) {
            int[] lags = Arrays.stream(Numbered.read(state.fields(LAGS)))
                    .mapToInt(lag -> (int) lag)
                    .toArray();
            return new LaggedRegression(
                    new LaggedRegression.Terms(
                            lags,
                            state.integer(PERIOD, 1, Integer.MAX_VALUE),
                            state.integer(WAVES, 0, Integer.MAX_VALUE),
                            state.flag(LINE),
                            state.has(COLUMNS) ? state.integer(COLUMNS, 1, Integer.MAX_VALUE) : 0,
                            state.has(COLUMNS) ? state.integer(BACK, 0, Integer.MAX_VALUE) : 0),
                    Numbered.read(state.fields(WEIGHTS)));
        }
        return state.has(PERIOD)
                ? new ExponentialSmoothing(
                        state.integer(PERIOD, 1, Integer.MAX_VALUE),
                        state.number(ALPHA, 0),
                        state.number(BETA, 0),
                        state.number(GAMMA, 0),
                        state.number(PHI, 0))
                : Autoregression.of(state.number(INTERCEPT, -Double.MAX_VALUE), Numbered.read(state.fields(WEIGHTS)));
    }
}
