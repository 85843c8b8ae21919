package org.gatefold.recipe.market.returns;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.field.Baseline;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Score;
import org.gatefold.recipe.field.picture.Curve;
import org.gatefold.recipe.field.picture.Picture;
import org.gatefold.recipe.field.series.NumberTarget;
import org.gatefold.recipe.market.data.Market;
import org.gatefold.recipe.market.data.MarketTarget;
import org.gatefold.recipe.market.data.Prices;
import org.gatefold.train.metric.DieboldMariano;

/**
 * The return of an asset over the next rows: the logarithm of its last price over the price before the first. Answers are such returns.
 * They are measured against the random walk, whose forecast is 0. Immutable.
 */
public record NextReturn(String asset, int steps, String dates, double scale) implements NumberTarget, MarketTarget {
    private static final String FORECAST = "forecast";
    private static final String SCALE = "scale";
    private static final int MOST_DRAWN = 400;
    private static final double PERCENT = 100;

    /** Tests of chance less likely than this are told as differences. */
    private static final double SIGNIFICANT = 0.05;

    /**
     * The next return of an asset.
     *
     * @param steps rows that it spans, at least 1
     * @param dates the column of dates; null for none
     */
    public static NextReturn of(String asset, int steps, String dates) {
        return new NextReturn(asset, steps, dates, 0);
    }

    @Override
    public String name() {
        return asset;
    }

    /** Outputs are told in deviations of the training rows. */
    @Override
    public NextReturn fit(Rows training) {
        double[] returns = Prices.logReturns(training.table(), asset);
        double squares = 0;
        int count = 0;
        for (int row : training.indices()) {
            if (row > 0) {
                squares += returns[row] * returns[row];
                count++;
            }
        }
        double deviation = Math.sqrt(squares / Math.max(1, count) * steps);
        return new NextReturn(asset, steps, dates, deviation > 0 ? deviation : 1);
    }

    @Override
    public float[][] learnt(Rows rows) {
        double[] came = came(rows);
        float[][] learnt = new float[came.length][];
        for (int i = 0; i < learnt.length; i++) {
            learnt[i] = new float[] {(float) (came[i] / scale)};
        }
        return learnt;
    }

    /** The return that came, one for each row. */
    private double[] came(Rows rows) {
        double[] prices = rows.table().numbers(asset);
        double[] came = new double[rows.size()];
        for (int i = 0; i < came.length; i++) {
            int row = rows.index(i);
            came[i] = Math.log(prices[row + steps - 1] / prices[row - 1]);
        }
        return came;
    }

    @Override
    public int span() {
        return steps;
    }

    @Override
    public String summary() {
        return "horizon " + steps;
    }

    @Override
    public JsonObject state() {
        return Json.object(SCALE, scale);
    }

    @Override
    public NextReturn restored(JsonFields state) {
        return new NextReturn(asset, steps, dates, state.number(SCALE, Double.MIN_VALUE));
    }

    @Override
    public int outputs() {
        return 1;
    }

    @Override
    public List<Baseline> baselines() {
        return ReturnBaselines.all();
    }

    @Override
    public double[][] answers(Rows rows, float[][] outputs) {
        double[][] answers = new double[outputs.length][];
        for (int i = 0; i < answers.length; i++) {
            answers[i] = new double[] {outputs[i][0] * scale};
        }
        return answers;
    }

    @Override
    public float[][] outputs(Rows rows, double[][] answers) {
        float[][] outputs = new float[answers.length][];
        for (int i = 0; i < outputs.length; i++) {
            outputs[i] = new float[] {(float) (answers[i][0] / scale)};
        }
        return outputs;
    }

    /**
     * Root mean squared and mean absolute error in percent; R² against the random walk, that is 1 less the ratio of squared errors (Campbell and
     * Thompson 2008, equation 1); and the probability of the test of Diebold and Mariano that the squared errors are those of the random
     * walk.
     */
    @Override
    public Score score(Rows rows, double[][] answers) {
        double[] came = came(rows);
        double[] errors = squaredErrors(came, answers);
        double[] naive = squaredErrors(came, new double[came.length][1]);
        double squares = 0;
        double naiveSquares = 0;
        double sizes = 0;
        for (int i = 0; i < came.length; i++) {
            squares += errors[i];
            naiveSquares += naive[i];
            sizes += Math.abs(came[i] - answers[i][0]);
        }
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("rmse", PERCENT * Math.sqrt(squares / came.length));
        figures.put("mae", PERCENT * sizes / came.length);
        figures.put("r2", naiveSquares == 0 ? 0 : 1 - squares / naiveSquares);
        figures.put("dm", compared(errors, naive).probability());
        return new Score(figures, new JsonObject());
    }

    private static double[] squaredErrors(double[] came, double[]... answers) {
        double[] errors = new double[came.length];
        for (int i = 0; i < came.length; i++) {
            errors[i] = Math.pow(came[i] - answers[i][0], 2);
        }
        return errors;
    }

    private DieboldMariano compared(double[] errors, double... naive) {
        return errors.length > Math.max(1, steps) ? DieboldMariano.of(errors, naive, steps) : new DieboldMariano(0, 1);
    }

    /** Of the rows whose price changed and for which a change was forecast, the share where both went the same way is told too. */
    @Override
    public Score ownScore(Rows rows, double[][] answers) {
        Score score = score(rows, answers);
        double[] came = came(rows);
        DieboldMariano test = compared(squaredErrors(came, answers), squaredErrors(came, new double[came.length][1]));
        score.more().addProperty("dieboldMarianoStatistic", test.statistic());
        score.more().addProperty("dieboldMarianoProbability", test.probability());
        int moved = 0;
        int right = 0;
        for (int i = 0; i < came.length; i++) {
            double both = Math.signum(came[i]) * Math.signum(answers[i][0]);
            moved += both == 0 ? 0 : 1;
            right += both > 0 ? 1 : 0;
        }
        if (moved > 0) {
            score.more().addProperty("rightDirection", (double) right / moved);
        }
        return score;
    }

    @Override
    public String remark(Score score) {
        double statistic = score.more().get("dieboldMarianoStatistic").getAsDouble();
        double probability = score.more().get("dieboldMarianoProbability").getAsDouble();
        String verdict = probability >= SIGNIFICANT
                ? "no difference that chance does not explain"
                : statistic < 0
                        ? "the model is better than chance explains"
                        : "the model is worse than chance explains";
        return String.format(
                Locale.ROOT,
                "Diebold-Mariano against the random walk: %.2f, probability %.2f: %s",
                statistic,
                probability,
                verdict);
    }

    @Override
    public String counted(int rows) {
        return rows + " returns over the next " + (steps == 1 ? "row" : steps + " rows") + ", errors in percent";
    }

    @Override
    public List<String> header() {
        return List.of("row", "actual", FORECAST, "price");
    }

    /** The price is that which the forecast return leads to. */
    @Override
    public List<List<String>> lines(Rows rows, double[][] answers) {
        double[] prices = rows.table().numbers(asset);
        return Market.lines(rows, dates, i -> {
            int row = rows.index(i);
            boolean known = row + steps <= prices.length;
            return List.of(
                    known ? Double.toString(Math.log(prices[row + steps - 1] / prices[row - 1])) : "",
                    Double.toString(answers[i][0]),
                    Double.toString(prices[row - 1] * Math.exp(answers[i][0])));
        });
    }

    @Override
    public Optional<String> kept() {
        return Optional.of(FORECAST);
    }

    @Override
    public List<Picture> pictures(Rows rows, double[][] answers) {
        int from = Math.max(0, answers.length - MOST_DRAWN);
        Rows drawn = rows.slice(from, answers.length);
        List<Double> truth = new ArrayList<>();
        List<Double> forecasts = new ArrayList<>();
        double[] came = came(drawn);
        for (int i = 0; i < came.length; i++) {
            truth.add(came[i]);
            forecasts.add(answers[from + i][0]);
        }
        return List.of(new Curve(
                FORECAST,
                "Returns, test part",
                Market.axis(drawn.table(), dates),
                "return of " + asset,
                Market.places(drawn, dates),
                truth,
                forecasts,
                null));
    }
}
