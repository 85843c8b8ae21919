package org.gatefold.recipe.market.weights;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.data.table.Table;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.layer.Layer;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.basic.Softmax;
import org.gatefold.recipe.field.Baseline;
import org.gatefold.recipe.field.Blend;
import org.gatefold.recipe.field.OutputTarget;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Score;
import org.gatefold.recipe.field.picture.Picture;
import org.gatefold.recipe.market.data.Market;
import org.gatefold.recipe.market.data.MarketTarget;
import org.gatefold.recipe.market.data.Prices;
import org.gatefold.recipe.market.data.Trading;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.metric.EquityCurve;
import org.gatefold.train.metric.Metric;

/**
 * How a fortune is spread over several assets in the next row: weights of at least 0 that sum to 1, which a model is trained to put out by
 * their Sharpe ratio. Answers are weights, in the order of the assets. Immutable.
 */
public final class NextWeights implements OutputTarget, MarketTarget {
    private static final String FILE = "weights";
    private static final String EQUAL = "equalWeightSharpe";
    private static final String ASSETS = "assets";

    private final String[] assets;
    private final String dates;
    private final double cost;
    private final double periods;

    /**
     * @param dates the column of dates; null for none
     * @param cost of what is traded, as a share
     * @param periods rows in a year
     */
    public NextWeights(List<String> assets, String dates, double cost, double periods) {
        this.assets = assets.toArray(String[]::new);
        this.dates = dates;
        this.cost = cost;
        this.periods = periods;
    }

    @Override
    public String name() {
        return "portfolio";
    }

    /** Nothing is fitted. */
    @Override
    public NextWeights fit(Rows training) {
        return this;
    }

    /** Simple returns of the assets, one array for each row. */
    double[][] returns(Rows rows) {
        double[][] returns = Prices.simpleReturns(rows.table(), assets);
        return Arrays.stream(rows.indices()).mapToObj(row -> returns[row]).toArray(double[][]::new);
    }

    @Override
    public Column encode(Rows rows) {
        double[][] returns = returns(rows);
        float[][] learnt = new float[returns.length][assets.length];
        for (int row = 0; row < learnt.length; row++) {
            for (int i = 0; i < assets.length; i++) {
                learnt[row][i] = (float) returns[row][i];
            }
        }
        return Column.rows(Dataset.TARGET, learnt);
    }

    @Override
    public List<Layer> head() {
        return List.of(Linear.of(assets.length), Softmax.probabilities());
    }

    @Override
    public Loss loss() {
        return new SharpeLoss(cost);
    }

    @Override
    public List<Metric> metrics() {
        return List.of();
    }

    @Override
    public String summary() {
        return "weights of " + assets.length + " assets";
    }

    @Override
    public JsonObject state() {
        return Json.object(ASSETS, assets.length);
    }

    @Override
    public NextWeights restored(JsonFields state) {
        state.integer(ASSETS, assets.length, assets.length);
        return this;
    }

    @Override
    public boolean isKnown(Table table) {
        return Arrays.stream(assets).allMatch(table::has);
    }

    @Override
    public int outputs() {
        return assets.length;
    }

    @Override
    public List<Baseline> baselines() {
        return PortfolioBaselines.all();
    }

    /** What was put out, whose sum is 1 but for rounding. */
    @Override
    public double[][] answers(Rows rows, float[][] outputs) {
        double[][] answers = new double[outputs.length][assets.length];
        for (int row = 0; row < answers.length; row++) {
            double sum = 0;
            for (float output : outputs[row]) {
                sum += output;
            }
            for (int i = 0; i < assets.length; i++) {
                answers[row][i] = outputs[row][i] / sum;
            }
        }
        return answers;
    }

    @Override
    public float[][] outputs(Rows rows, double[][] answers) {
        float[][] outputs = new float[answers.length][assets.length];
        for (int row = 0; row < outputs.length; row++) {
            for (int i = 0; i < assets.length; i++) {
                outputs[row][i] = (float) answers[row][i];
            }
        }
        return outputs;
    }

    /** Both as they are: there is no prior. */
    @Override
    public Blend blend(Rows rows, float[][] prior, float[][] network) {
        return Blend.SUM;
    }

    /**
     * The course of a fortune, and what of it was traded on the way.
     *
     * @param traded fortunes in all
     */
    private record Course(EquityCurve equity, double traded) {}

    /**
     * From the price before each row to that of the row the weights grow with their assets; before the next row what is held is brought
     * to its weights, which costs. At first all of the fortune is bought.
     */
    private Course course(Rows rows, double[]... answers) {
        double[][] returns = returns(rows);
        double[] held = new double[assets.length];
        double[] gains = new double[answers.length];
        double all = 0;
        for (int row = 0; row < gains.length; row++) {
            double traded = 0;
            double gain = 0;
            for (int i = 0; i < assets.length; i++) {
                traded += Math.abs(answers[row][i] - held[i]);
                gain += answers[row][i] * returns[row][i];
            }
            gains[row] = gain - cost * traded;
            all += traded;
            for (int i = 0; i < assets.length; i++) {
                held[i] = answers[row][i] * (1 + returns[row][i]) / (1 + gain);
            }
        }
        return new Course(new EquityCurve(gains), all);
    }

    /** Of the fortune after costs the Sharpe ratio per year, return and volatility per year, largest drawdown, and what was traded. */
    @Override
    public Score score(Rows rows, double[][] answers) {
        Course course = course(rows, answers);
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("sharpe", course.equity.sharpe(periods));
        figures.put("return", course.equity.yearly(periods));
        figures.put("volatility", course.equity.volatility(periods));
        figures.put("drawdown", course.equity.maximumDrawdown());
        figures.put("fortune", course.equity.last());
        figures.put("traded", course.traded);
        return new Score(figures, new JsonObject());
    }

    @Override
    public Score ownScore(Rows rows, double[][] answers) {
        Score score = score(rows, answers);
        score.more()
                .addProperty(
                        EQUAL,
                        score(rows, PortfolioBaselines.equal(rows.size(), assets.length))
                                .first());
        for (int i = 0; i < assets.length; i++) {
            int asset = i;
            score.more()
                    .addProperty(
                            "meanWeight " + assets[i],
                            Arrays.stream(answers)
                                    .mapToDouble(answer -> answer[asset])
                                    .average()
                                    .orElse(0));
        }
        return score;
    }

    @Override
    public String remark(Score score) {
        double equal = score.more().get(EQUAL).getAsDouble();
        return String.format(
                Locale.ROOT,
                "Sharpe ratio per year after costs %.2f, of equal weights %.2f: the network %s",
                score.first(),
                equal,
                score.first() > equal ? "does better" : "does not beat them");
    }

    @Override
    public boolean higherIsBetter() {
        return true;
    }

    @Override
    public List<String> header() {
        List<String> header = new ArrayList<>(List.of("row"));
        header.addAll(Arrays.asList(assets));
        return header;
    }

    @Override
    public List<List<String>> lines(Rows rows, double[][] answers) {
        return Market.lines(rows, dates, i -> Market.shares(answers[i]));
    }

    @Override
    public Optional<String> kept() {
        return Optional.of(FILE);
    }

    @Override
    public List<Picture> pictures(Rows rows, double[][] answers) {
        Map<String, List<Double>> fortunes = new LinkedHashMap<>();
        fortunes.put("network", Trading.course(course(rows, answers).equity));
        double[][] equal = PortfolioBaselines.equal(rows.size(), assets.length);
        fortunes.put("equal weights", Trading.course(course(rows, equal).equity));
        double[][] held = PortfolioBaselines.held(returns(rows));
        fortunes.put("buy and hold", Trading.course(course(rows, held).equity));
        return List.of(Trading.picture(rows, dates, fortunes));
    }
}
