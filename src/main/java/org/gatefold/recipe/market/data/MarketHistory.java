package org.gatefold.recipe.market.data;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.data.table.Table;
import org.gatefold.data.transform.Scaler;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.field.Field;
import org.gatefold.recipe.field.Rows;

/**
 * What was known of a market before a row: windows of returns of all assets, and of the asset that is answered for, where candles are
 * told, how far prices went, the gap over night, and the change of volume. Prices themselves are never read: their level is not what
 * returns. Every feature of a row is made of that row and rows before. Immutable.
 */
public final class MarketHistory implements Field {
    private static final String FEATURES = "features";
    private static final String OFFSET = "offset";
    private static final String SCALE = "scale";

    /** Weight of the last variance in the moving one: RiskMetrics (1996). */
    private static final double DECAY = 0.94;

    /** The least variance whose logarithm is read. */
    private static final double LEAST = 1e-12;

    private final int window;
    private final List<String> assets;
    private final String asset;
    private final boolean volatility;
    private final List<Scaler> scalers;

    private MarketHistory(int window, List<String> assets, String asset, boolean volatility, List<Scaler> scalers) {
        this.window = window;
        this.assets = List.copyOf(assets);
        this.asset = asset;
        this.volatility = volatility;
        this.scalers = List.copyOf(scalers);
    }

    /**
     * Windows of returns.
     *
     * @param window rows of each, at least 1
     * @param asset the one that is answered for; null for all
     */
    public static MarketHistory of(int window, List<String> assets, String asset) {
        return new MarketHistory(window, assets, asset, false, List.of());
    }

    /** Reads sizes of returns and their moving variance too. */
    public MarketHistory withVolatility() {
        return new MarketHistory(window, assets, asset, true, List.of());
    }

    @Override
    public String name() {
        return "market";
    }

    /** Each feature is brought to mean 0 and deviation 1 over the training rows; the first row of a table has none. */
    @Override
    public MarketHistory fit(Rows training) {
        int[] rows = Arrays.stream(training.indices()).filter(row -> row > 0).toArray();
        List<Scaler> fitted = new ArrayList<>();
        for (double[] feature : features(training.table())) {
            double[] values =
                    Arrays.stream(rows).mapToDouble(row -> feature[row]).toArray();
            fitted.add(Scaler.fit(Scaler.Kind.STANDARD, values, 0, values.length, 0));
        }
        return new MarketHistory(window, assets, asset, volatility, fitted);
    }

    /** {@code [feature][row]}. */
    private List<double[]> features(Table table) {
        List<double[]> features = new ArrayList<>();
        for (String each : assets) {
            features.add(Prices.logReturns(table, each));
        }
        if (asset == null) {
            return features;
        }
        candles(table, features);
        if (volatility) {
            double[] returns = Prices.logReturns(table, asset);
            features.add(Arrays.stream(returns).map(Math::abs).toArray());
            features.add(movingVariance(returns));
        }
        return features;
    }

    private void candles(Table table, List<double[]> features) {
        Optional<String> high = MarketTable.beside(table, asset, "high");
        Optional<String> low = MarketTable.beside(table, asset, "low");
        Optional<String> open = MarketTable.beside(table, asset, "open");
        Optional<String> volume = MarketTable.beside(table, asset, "volume");
        double[] close = table.numbers(asset);
        if (high.isPresent() && low.isPresent()) {
            double[] top = positive(table, high.get());
            double[] bottom = positive(table, low.get());
            features.add(each(close.length, row -> Math.log(top[row] / bottom[row])));
        }
        if (open.isPresent()) {
            double[] first = positive(table, open.get());
            features.add(each(close.length, row -> Math.log(first[row] / close[row - 1])));
        }
        if (volume.isPresent()) {
            double[] traded = table.numbers(volume.get());
            features.add(each(
                    close.length,
                    row -> Math.log1p(Math.max(0, traded[row])) - Math.log1p(Math.max(0, traded[row - 1]))));
        }
    }

    private static double[] positive(Table table, String column) {
        double[] values = table.numbers(column);
        for (int row = 0; row < values.length; row++) {
            if (!(values[row] > 0)) {
                throw new IllegalArgumentException(table.where(row, column) + ": expected a price above 0, got '"
                        + table.text(column).get(row) + "'");
            }
        }
        return values;
    }

    /** A number for each row but the first, which is 0. */
    private static double[] each(int rows, IntToDoubleFunction value) {
        double[] values = new double[rows];
        for (int row = 1; row < rows; row++) {
            values[row] = value.applyAsDouble(row);
        }
        return values;
    }

    /** The logarithm of the moving variance. */
    private static double[] movingVariance(double... returns) {
        double variance = returns.length > 1 ? returns[1] * returns[1] : 0;
        double[] logarithms = new double[returns.length];
        for (int row = 1; row < returns.length; row++) {
            variance = DECAY * variance + (1 - DECAY) * returns[row] * returns[row];
            logarithms[row] = Math.log(Math.max(LEAST, variance));
        }
        return logarithms;
    }

    @Override
    public Column encode(Rows rows) {
        Table table = rows.table();
        List<double[]> features = features(table);
        if (scalers.isEmpty()) {
            throw new IllegalStateException("field 'market': fit it before rows are encoded");
        }
        if (features.size() != scalers.size()) {
            throw new IllegalArgumentException(table.source() + ": expected columns for " + scalers.size()
                    + " features, as in the data that was trained on, got " + features.size());
        }
        float[][] steps = new float[table.rows() - 1][features.size()];
        for (int feature = 0; feature < features.size(); feature++) {
            double[] scaled = scalers.get(feature).scale(features.get(feature));
            for (int step = 0; step < steps.length; step++) {
                steps[step][feature] = (float) scaled[step + 1];
            }
        }
        int[] starts = Arrays.stream(rows.indices()).map(row -> row - before()).toArray();
        return Column.windows(Dataset.INPUT, steps, window, starts);
    }

    /** A window of returns, and the price before it. */
    @Override
    public int before() {
        return window + 1;
    }

    @Override
    public String summary() {
        return "window " + window + " of returns of " + String.join(", ", assets);
    }

    @Override
    public JsonObject state() {
        JsonArray states = new JsonArray();
        for (Scaler scaler : scalers) {
            JsonObject state = new JsonObject();
            state.addProperty(OFFSET, scaler.offset());
            state.addProperty(SCALE, scaler.scale());
            states.add(state);
        }
        return Json.object(FEATURES, states);
    }

    @Override
    public MarketHistory restored(JsonFields state) {
        List<Scaler> restored = new ArrayList<>();
        for (JsonFields scaler : state.list(FEATURES)) {
            restored.add(new Scaler(
                    Scaler.Kind.STANDARD,
                    scaler.number(OFFSET, -Double.MAX_VALUE),
                    scaler.number(SCALE, Double.MIN_VALUE)));
        }
        if (restored.isEmpty()) {
            throw state.wrong(FEATURES, "expected at least one, got none", null);
        }
        return new MarketHistory(window, assets, asset, volatility, restored);
    }
}
