package org.gatefold.recipe.market.moves;

import com.google.gson.JsonArray;
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
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.field.Baseline;
import org.gatefold.recipe.field.Blend;
import org.gatefold.recipe.field.OutputTarget;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Score;
import org.gatefold.recipe.field.label.Category;
import org.gatefold.recipe.field.picture.Grid;
import org.gatefold.recipe.field.picture.Picture;
import org.gatefold.recipe.market.data.Market;
import org.gatefold.recipe.market.data.MarketTarget;
import org.gatefold.recipe.market.data.Prices;
import org.gatefold.recipe.market.data.Trading;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.metric.ClassScores;
import org.gatefold.train.metric.EquityCurve;
import org.gatefold.train.metric.Metric;

/**
 * Whether the price of an asset goes down, stays, or goes up in the next row: a return within a band round 0 is none. Answers are the
 * probabilities of the three; the likeliest is traded: sold short, nothing held, or bought. Immutable.
 */
public record NextMove(String asset, String dates, Ways ways, double band) implements OutputTarget, MarketTarget {
    static final int DOWN = 0;
    static final int FLAT = 1;
    static final int UP = 2;

    private static final List<String> MOVES = List.of("down", "flat", "up");
    private static final String FILE = "signal";
    private static final String BAND = "band";

    /** The least probability that outputs can mean. */
    private static final double LEAST = 1e-12;

    /**
     * How it is told and traded.
     *
     * @param band as a share; 0 to find it in the training rows
     * @param shorts whether what goes down is sold short, and not only left alone
     * @param trading what trades cost
     * @param periods rows in a year
     */
    public record Ways(double band, boolean shorts, Trading trading, double periods) {}

    /** @param dates the column of dates; null for none */
    public static NextMove of(String asset, String dates, Ways ways) {
        return new NextMove(asset, dates, ways, ways.band);
    }

    @Override
    public String name() {
        return asset;
    }

    /** Unless the band is said, a third of the training rows is within it. */
    @Override
    public NextMove fit(Rows training) {
        if (ways.band > 0) {
            return this;
        }
        double[] returns = Prices.simpleReturns(training.table(), asset);
        double[] sizes = Arrays.stream(training.indices())
                .filter(row -> row > 0)
                .mapToDouble(row -> Math.abs(returns[row]))
                .sorted()
                .toArray();
        return new NextMove(asset, dates, ways, sizes.length == 0 ? 0 : sizes[sizes.length / 3]);
    }

    private double[] returns(Rows rows) {
        double[] returns = Prices.simpleReturns(rows.table(), asset);
        return Arrays.stream(rows.indices()).mapToDouble(row -> returns[row]).toArray();
    }

    /** The move of each row. */
    int[] moves(Rows rows) {
        return Arrays.stream(returns(rows))
                .mapToInt(each -> each > band ? UP : each < -band ? DOWN : FLAT)
                .toArray();
    }

    @Override
    public Column encode(Rows rows) {
        return Column.labels(Dataset.TARGET, moves(rows));
    }

    @Override
    public Loss loss() {
        return Loss.crossEntropy();
    }

    @Override
    public List<Metric> metrics() {
        return List.of(Metric.accuracy());
    }

    @Override
    public String summary() {
        return "up, flat or down";
    }

    @Override
    public JsonObject state() {
        return Json.object(BAND, band);
    }

    @Override
    public NextMove restored(JsonFields state) {
        return new NextMove(asset, dates, ways, state.number(BAND, 0));
    }

    @Override
    public int outputs() {
        return MOVES.size();
    }

    @Override
    public List<Baseline> baselines() {
        return MoveBaselines.all();
    }

    @Override
    public double[][] answers(Rows rows, float[][] outputs) {
        return Arrays.stream(outputs).map(Category::softmax).toArray(double[][]::new);
    }

    @Override
    public float[][] outputs(Rows rows, double[][] answers) {
        float[][] outputs = new float[answers.length][MOVES.size()];
        for (int i = 0; i < outputs.length; i++) {
            for (int move = 0; move < MOVES.size(); move++) {
                outputs[i][move] = (float) Math.log(Math.max(LEAST, answers[i][move]));
            }
        }
        return outputs;
    }

    /** Both as they are: there is no prior. */
    @Override
    public Blend blend(Rows rows, float[][] prior, float[][] network) {
        return Blend.SUM;
    }

    /** The answer of a method that gives no probabilities. */
    static double[] certainly(int move) {
        double[] answer = new double[MOVES.size()];
        answer[move] = 1;
        return answer;
    }

    private static int likeliest(double... answer) {
        return answer[UP] > answer[DOWN]
                ? answer[UP] >= answer[FLAT] ? UP : FLAT
                : answer[DOWN] > answer[FLAT] ? DOWN : FLAT;
    }

    /** The positions that answers lead to. */
    private double[] positions(double[]... answers) {
        return Arrays.stream(answers)
                .mapToDouble(answer -> switch (likeliest(answer)) {
                    case UP -> 1;
                    case DOWN -> ways.shorts ? -1 : 0;
                    default -> 0;
                })
                .toArray();
    }

    private EquityCurve equity(Rows rows, double[]... answers) {
        return ways.trading.of(positions(answers), returns(rows));
    }

    private ClassScores classes(Rows rows, double[]... answers) {
        return ClassScores.of(
                MOVES.size(),
                moves(rows),
                Arrays.stream(answers).mapToInt(NextMove::likeliest).toArray());
    }

    /**
     * Of the fortune after costs the Sharpe ratio per year, its end and the largest drawdown; accuracy and mean F1 of the moves; the share
     * of rows with a position in which this gained, of those whose price changed; and how much was traded.
     */
    @Override
    public Score score(Rows rows, double[][] answers) {
        EquityCurve equity = equity(rows, answers);
        ClassScores scores = classes(rows, answers);
        double[] returns = returns(rows);
        double[] positions = positions(answers);
        int taken = 0;
        int gained = 0;
        for (int i = 0; i < positions.length; i++) {
            taken += positions[i] * returns[i] == 0 ? 0 : 1;
            gained += positions[i] * returns[i] > 0 ? 1 : 0;
        }
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("sharpe", equity.sharpe(ways.periods));
        figures.put("fortune", equity.last());
        figures.put("drawdown", equity.maximumDrawdown());
        figures.put("accuracy", scores.accuracy());
        figures.put("f1", scores.macroF1());
        figures.put("hitRate", taken == 0 ? 0 : (double) gained / taken);
        figures.put("traded", Trading.traded(positions));
        return new Score(figures, new JsonObject());
    }

    @Override
    public Score ownScore(Rows rows, double[][] answers) {
        Score score = score(rows, answers);
        EquityCurve held = ways.trading.of(ones(rows), returns(rows));
        score.more().addProperty(BAND, band);
        score.more().addProperty("yearlyReturn", equity(rows, answers).yearly(ways.periods));
        score.more().addProperty("buyAndHoldSharpe", held.sharpe(ways.periods));
        score.more().addProperty("buyAndHoldFortune", held.last());
        JsonArray confusion = new JsonArray();
        for (double[] counts : classes(rows, answers).counts()) {
            JsonArray line = new JsonArray();
            Arrays.stream(counts).forEach(count -> line.add((long) count));
            confusion.add(line);
        }
        score.more().add("confusion", confusion);
        return score;
    }

    private static double[] ones(Rows rows) {
        double[] ones = new double[rows.size()];
        Arrays.fill(ones, 1);
        return ones;
    }

    @Override
    public String remark(Score score) {
        double held = score.more().get("buyAndHoldFortune").getAsDouble();
        return String.format(
                Locale.ROOT,
                "after costs 1 became %.3f, by buying and holding %.3f: the signals %s",
                score.figures().get("fortune"),
                held,
                score.figures().get("fortune") > held ? "brought more" : "did not beat that");
    }

    @Override
    public boolean higherIsBetter() {
        return true;
    }

    @Override
    public List<String> header() {
        return List.of("row", "actual", FILE, "down", "flat", "up");
    }

    @Override
    public List<List<String>> lines(Rows rows, double[][] answers) {
        return Market.lines(rows, dates, i -> {
            boolean known = rows.index(i) < rows.table().rows();
            List<String> line = new ArrayList<>();
            line.add(known ? MOVES.get(moves(rows.slice(i, i + 1))[0]) : "");
            line.add(MOVES.get(likeliest(answers[i])));
            line.addAll(Market.shares(answers[i]));
            return line;
        });
    }

    @Override
    public Optional<String> kept() {
        return Optional.of(FILE);
    }

    @Override
    public List<Picture> pictures(Rows rows, double[][] answers) {
        Map<String, List<Double>> fortunes = new LinkedHashMap<>();
        fortunes.put("signals", Trading.course(equity(rows, answers)));
        fortunes.put("buy and hold", Trading.course(ways.trading.of(ones(rows), returns(rows))));
        return List.of(
                Trading.picture(rows, dates, fortunes),
                new Grid(
                        "confusion",
                        "Rows of each move by answer, test part",
                        "answer",
                        "move of " + asset,
                        MOVES,
                        MOVES,
                        classes(rows, answers).counts(),
                        true));
    }
}
