package org.gatefold.recipe.market.risk;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.baseline.Garch;
import org.gatefold.recipe.field.Baseline;
import org.gatefold.recipe.field.Blend;
import org.gatefold.recipe.field.OutputTarget;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Score;
import org.gatefold.recipe.field.picture.Curve;
import org.gatefold.recipe.field.picture.Picture;
import org.gatefold.recipe.market.data.Market;
import org.gatefold.recipe.market.data.MarketTarget;
import org.gatefold.recipe.market.data.Prices;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.metric.Metric;
import org.gatefold.train.metric.RiskBacktest;
import org.gatefold.train.metric.RiskLosses;

/**
 * How large the next return of an asset may be: an answer is its volatility, value at risk at 95 and 99 %, and expected shortfall at both,
 * of logarithmic returns, losses being positive. A model puts out the logarithm of the variance; how far losses go at a volatility is
 * told by the returns of the training rows over their volatilities by {@link Garch} (filtered historical simulation, Barone-Adesi 1999).
 * Immutable.
 */
public record NextRisk(String asset, String dates, double mean, double scale, Losses losses)
        implements OutputTarget, MarketTarget {
    private static final List<String> FIGURES = List.of("volatility", "var95", "var99", "es95", "es99");
    private static final String[] LEVELS = {"95", "99"};
    private static final String FILE = "risk";
    private static final String MEAN = "mean";
    private static final String SCALE = "scale";
    private static final String LOSSES = "losses";
    private static final String BACKTESTS = "valueAtRisk";
    private static final int MOST_DRAWN = 600;
    private static final double PERCENT = 100;

    /** Outputs have 24 bits, so that what comes after is rounding. */
    private static final double MILLION = 1e6;

    /** Shares of the network that are tried. */
    private static final int GRID = 20;

    /** @param dates the column of dates; null for none */
    public static NextRisk of(String asset, String dates) {
        return new NextRisk(asset, dates, 0, 1, Losses.NORMAL);
    }

    @Override
    public String name() {
        return asset;
    }

    @Override
    public NextRisk fit(Rows training) {
        Garch garch = GarchPrior.fitted(asset, training);
        double[] volatilities = GarchPrior.volatilities(garch, training.table(), asset);
        double[] returns = Prices.logReturns(training.table(), asset);
        double[] sizes = Arrays.stream(training.indices())
                .filter(row -> row > 0)
                .mapToDouble(row -> (returns[row] - garch.mean()) / volatilities[row])
                .toArray();
        return new NextRisk(asset, dates, garch.mean(), Math.sqrt(garch.initial()), Losses.of(sizes));
    }

    /** The answer at a volatility. */
    double[] risk(double volatility) {
        return risk(volatility, losses);
    }

    /** The answer at a volatility, by another distribution. */
    double[] risk(double volatility, Losses standard) {
        double[] answer = new double[FIGURES.size()];
        answer[0] = volatility;
        System.arraycopy(standard.stretched(volatility, mean), 0, answer, 1, answer.length - 1);
        return answer;
    }

    /** The return of each row less the mean, in deviations of the training rows. */
    private double[] scaled(Rows rows) {
        double[] returns = Prices.logReturns(rows.table(), asset);
        return Arrays.stream(rows.indices())
                .mapToDouble(row -> (returns[row] - mean) / scale)
                .toArray();
    }

    @Override
    public Column encode(Rows rows) {
        return encodeBeside(rows, () -> new float[rows.size()][1]);
    }

    /** Returns over the deviations that the prior tells: of those a network learns the logarithm of the variance that is left. */
    @Override
    public Column encodeBeside(Rows rows, Supplier<float[][]> prior) {
        float[][] known = prior.get();
        double[] scaled = scaled(rows);
        float[][] learnt = new float[scaled.length][];
        for (int i = 0; i < learnt.length; i++) {
            learnt[i] = new float[] {(float) (scaled[i] * Math.exp(-known[i][0] / 2))};
        }
        return Column.rows(Dataset.TARGET, learnt);
    }

    /**
     * All of the prior, and that share of the network that has the least QLIKE, {@linkplain Blend#shrunk shrunk}.
     */
    @Override
    public Blend blend(Rows rows, float[][] prior, float[][] network) {
        double[] scaled = scaled(rows);
        if (scaled.length == 0) {
            return Blend.SUM;
        }
        double share = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i <= GRID; i++) {
            double tried = (double) i / GRID;
            double loss = 0;
            for (int row = 0; row < scaled.length; row++) {
                loss += loss(scaled[row], prior[row][0] + tried * network[row][0]);
            }
            if (loss < least) {
                least = loss;
                share = tried;
            }
        }
        double[] gains = new double[scaled.length];
        for (int row = 0; row < gains.length; row++) {
            gains[row] = loss(scaled[row], prior[row][0]) - loss(scaled[row], prior[row][0] + share * network[row][0]);
        }
        return Blend.shrunk(share, gains);
    }

    private static double loss(double scaled, double logarithm) {
        return RiskLosses.qlike(scaled * scaled, Math.exp(logarithm));
    }

    @Override
    public double[][] answers(Rows rows, float[][] outputs) {
        return Arrays.stream(outputs)
                .map(output -> risk(scale * Math.exp(output[0] / 2)))
                .toArray(double[][]::new);
    }

    @Override
    public float[][] outputs(Rows rows, double[][] answers) {
        return Arrays.stream(answers)
                .map(answer -> new float[] {(float) (2 * Math.log(answer[0] / scale))})
                .toArray(float[][]::new);
    }

    @Override
    public String summary() {
        return "volatility of returns";
    }

    @Override
    public JsonObject state() {
        return Json.object(MEAN, mean, SCALE, scale, LOSSES, losses.state());
    }

    @Override
    public NextRisk restored(JsonFields state) {
        return new NextRisk(
                asset,
                dates,
                state.number(MEAN, -Double.MAX_VALUE),
                state.number(SCALE, Double.MIN_VALUE),
                Losses.restored(state.fields(LOSSES)));
    }

    @Override
    public int outputs() {
        return 1;
    }

    @Override
    public Loss loss() {
        return new VolatilityLoss();
    }

    @Override
    public List<Metric> metrics() {
        return List.of();
    }

    @Override
    public List<Baseline> baselines() {
        return RiskBaselines.all();
    }

    private RiskBacktest backtest(Rows rows, double[][] answers, int level) {
        double[] returns = Prices.logReturns(rows.table(), asset);
        boolean[] breaches = new boolean[answers.length];
        for (int i = 0; i < breaches.length; i++) {
            breaches[i] = -returns[rows.index(i)] > answers[i][1 + level];
        }
        return RiskBacktest.of(breaches, Losses.SHARES[level]);
    }

    /**
     * QLIKE of the volatility, returns in percent; and for each level the share of breaches of the value at risk, and the probabilities of
     * the tests of Kupiec and, together with independence, of Christoffersen.
     */
    @Override
    public Score score(Rows rows, double[][] answers) {
        double[] returns = Prices.logReturns(rows.table(), asset);
        double sum = 0;
        for (int i = 0; i < answers.length; i++) {
            sum += RiskLosses.qlike(
                    Math.pow(PERCENT * (returns[rows.index(i)] - mean), 2), Math.pow(PERCENT * answers[i][0], 2));
        }
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("qlike", Math.rint(MILLION * sum / answers.length) / MILLION);
        for (int level = 0; level < LEVELS.length; level++) {
            RiskBacktest test = backtest(rows, answers, level);
            figures.put("breaches" + LEVELS[level], (double) test.breaches() / test.rows());
            figures.put("kupiec" + LEVELS[level], test.coverage().probability());
            figures.put("christoffersen" + LEVELS[level], test.conditional().probability());
            figures.put("fz" + LEVELS[level], fisslerZiegel(returns, rows, answers, level));
        }
        return new Score(figures, new JsonObject());
    }

    /** The mean loss of value at risk and shortfall together, returns in percent. */
    private static double fisslerZiegel(double[] returns, Rows rows, double[][] answers, int level) {
        double sum = 0;
        for (int i = 0; i < answers.length; i++) {
            sum += RiskLosses.fisslerZiegel(
                    PERCENT * returns[rows.index(i)],
                    PERCENT * answers[i][1 + level],
                    PERCENT * Math.max(Double.MIN_NORMAL, answers[i][3 + level]),
                    Losses.SHARES[level]);
        }
        return sum / answers.length;
    }

    @Override
    public Score ownScore(Rows rows, double[][] answers) {
        Score score = score(rows, answers);
        double[] returns = Prices.logReturns(rows.table(), asset);
        JsonArray tests = new JsonArray();
        for (int level = 0; level < LEVELS.length; level++) {
            RiskBacktest test = backtest(rows, answers, level);
            double lost = 0;
            double expected = 0;
            for (int i = 0; i < answers.length; i++) {
                if (-returns[rows.index(i)] > answers[i][1 + level]) {
                    lost -= returns[rows.index(i)];
                    expected += answers[i][3 + level];
                }
            }
            JsonObject one = new JsonObject();
            one.addProperty("level", LEVELS[level]);
            one.addProperty("rows", test.rows());
            one.addProperty("expected", Losses.SHARES[level] * test.rows());
            one.addProperty("breaches", test.breaches());
            one.addProperty("kupiecStatistic", test.coverage().statistic());
            one.addProperty("kupiecProbability", test.coverage().probability());
            one.addProperty("independenceStatistic", test.independence().statistic());
            one.addProperty("independenceProbability", test.independence().probability());
            one.addProperty("christoffersenStatistic", test.conditional().statistic());
            one.addProperty("christoffersenProbability", test.conditional().probability());
            one.addProperty("lossOverShortfall", expected > 0 ? lost / expected : 0);
            tests.add(one);
        }
        score.more().add(BACKTESTS, tests);
        return score;
    }

    @Override
    public String remark(Score score) {
        List<String> words = new ArrayList<>();
        for (int level = 0; level < LEVELS.length; level++) {
            JsonObject test = score.more().getAsJsonArray(BACKTESTS).get(level).getAsJsonObject();
            words.add(String.format(
                    Locale.ROOT,
                    "%d rows lost more than the value at risk of %s %%, %.1f expected",
                    test.get("breaches").getAsInt(),
                    LEVELS[level],
                    test.get("expected").getAsDouble()));
        }
        return String.join("; ", words);
    }

    @Override
    public boolean higherIsBetter() {
        return false;
    }

    @Override
    public List<String> header() {
        List<String> header = new ArrayList<>(List.of("row", "actual"));
        header.addAll(FIGURES);
        return header;
    }

    @Override
    public List<List<String>> lines(Rows rows, double[][] answers) {
        double[] returns = Prices.logReturns(rows.table(), asset);
        return Market.lines(rows, dates, i -> {
            int row = rows.index(i);
            List<String> line = new ArrayList<>();
            line.add(row < returns.length ? Double.toString(returns[row]) : "");
            Arrays.stream(answers[i]).mapToObj(Double::toString).forEach(line::add);
            return line;
        });
    }

    @Override
    public Optional<String> kept() {
        return Optional.of(FILE);
    }

    /** Returns, and below them the value at risk, from 95 to 99 %. */
    @Override
    public List<Picture> pictures(Rows rows, double[][] answers) {
        int from = Math.max(0, answers.length - MOST_DRAWN);
        Rows drawn = rows.slice(from, answers.length);
        double[] returns = Prices.logReturns(rows.table(), asset);
        List<Double> truth = new ArrayList<>();
        List<Double> low = new ArrayList<>();
        List<Double> lowest = new ArrayList<>();
        for (int i = from; i < answers.length; i++) {
            truth.add(returns[rows.index(i)]);
            low.add(-answers[i][1]);
            lowest.add(-answers[i][2]);
        }
        return List.of(new Curve(
                "value-at-risk",
                "Returns over the value at risk of 95 %, test part",
                Market.axis(rows.table(), dates),
                "return of " + asset,
                Market.places(drawn, dates),
                truth,
                low,
                new Curve.Band("to 99 %", lowest, low)));
    }
}
