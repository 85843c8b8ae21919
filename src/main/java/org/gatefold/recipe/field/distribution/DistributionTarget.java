package org.gatefold.recipe.field.distribution;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.field.Blend;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Score;
import org.gatefold.recipe.field.picture.Curve;
import org.gatefold.recipe.field.picture.Picture;
import org.gatefold.recipe.field.series.DelegatingTarget;
import org.gatefold.recipe.field.series.Horizon;
import org.gatefold.recipe.field.series.SeriesScores;
import org.gatefold.train.loss.Loss;

/**
 * The next rows of a column, forecast as distributions by a {@link Head}: for each step what so and so large shares of what comes are below.
 * The middle is the forecast that is measured beside simple methods. What lies round it is made wider or narrower by what fits the rows
 * held back best, as networks are too sure of what they learnt. Answers hold all levels of each step; those of simple methods, a number.
 */
public final class DistributionTarget implements DelegatingTarget {
    private static final String POINT = "point";
    private static final String WIDTH = "width";

    /** Widths that are tried go from a quarter to four, so many to each doubling. */
    private static final int TRIED = 8;

    private final Horizon point;
    private final Head head;
    private final Spread spread;
    private final double width;

    private DistributionTarget(Horizon point, Head head, Spread spread, double width) {
        this.point = point;
        this.head = head;
        this.spread = spread;
        this.width = width;
    }

    /**
     * Quantiles.
     *
     * @param point the rows, without intervals
     * @param levels rising, above 0 and below 1, at least one
     */
    public static DistributionTarget quantiles(Horizon point, double... levels) {
        return new DistributionTarget(point, new Head.Quantiles(levels.clone()), Spread.of(levels), 1);
    }

    /**
     * A distribution of a location and a scale.
     *
     * @param point the rows, without intervals
     * @param intervals shares of what comes that intervals in the middle are to hold
     */
    public static DistributionTarget of(Horizon point, Head.Located head, double... intervals) {
        return new DistributionTarget(point, head, Spread.within(intervals), 1);
    }

    private DistributionTarget with(Horizon other, double wide) {
        return new DistributionTarget(other, head, spread, wide);
    }

    @Override
    public Horizon shown() {
        return point;
    }

    @Override
    public DistributionTarget fit(Rows training) {
        return with(point.fit(training), 1);
    }

    @Override
    public float[][] learnt(Rows rows) {
        return point.learnt(rows);
    }

    @Override
    public Loss loss() {
        return head.loss();
    }

    private double[] parts(int number, float... outputs) {
        double[] parts = new double[head.parts()];
        Arrays.setAll(parts, i -> outputs[number * parts.length + i]);
        return parts;
    }

    @Override
    public float[][] located(float[][] outputs) {
        float[][] located = new float[outputs.length][];
        for (int row = 0; row < located.length; row++) {
            located[row] = new float[outputs[row].length / head.parts()];
            for (int i = 0; i < located[row].length; i++) {
                located[row][i] = (float) head.middle(parts(i, outputs[row]));
            }
        }
        return located;
    }

    @Override
    public float[][] joined(Blend weights, float[][] prior, float[][] network) {
        float[][] numbers = located(prior);
        float[][] joined = new float[network.length][];
        for (int row = 0; row < joined.length; row++) {
            joined[row] = new float[network[row].length];
            for (int i = 0; i < numbers[row].length; i++) {
                float[] rest = Arrays.copyOfRange(network[row], i * head.parts(), (i + 1) * head.parts());
                float[] both = head.joined((float) (weights.prior() * numbers[row][i]), weights.network(), rest);
                System.arraycopy(both, 0, joined[row], i * both.length, both.length);
            }
        }
        return joined;
    }

    @Override
    public double[][] answers(Rows rows, float[][] outputs) {
        double[] levels = spread.levels();
        int steps = span();
        double[][] middle = at(rows, outputs, -1);
        double[][] answers = new double[outputs.length][steps * levels.length];
        for (int level = 0; level < levels.length; level++) {
            double[][] each = at(rows, outputs, levels[level]);
            for (int row = 0; row < answers.length; row++) {
                for (int step = 0; step < steps; step++) {
                    answers[row][step * levels.length + level] =
                            middle[row][step] + width * (each[row][step] - middle[row][step]);
                }
            }
        }
        return answers;
    }

    /** Numbers below which a share is, in the scale of the data; below 0 for the middle. */
    private double[][] at(Rows rows, float[][] outputs, double level) {
        float[][] numbers = new float[outputs.length][span()];
        for (int row = 0; row < numbers.length; row++) {
            for (int step = 0; step < numbers[row].length; step++) {
                double[] parts = parts(step, outputs[row]);
                numbers[row][step] = (float) (level < 0 ? head.middle(parts) : head.quantile(level, parts));
            }
        }
        return point.answers(rows, numbers);
    }

    /** The middles of answers; those of simple methods are these already. */
    private double[][] middles(double[][] answers) {
        double[] levels = spread.levels();
        if (answers.length == 0 || answers[0].length == span()) {
            return answers;
        }
        Head.Quantiles all = new Head.Quantiles(levels);
        double[][] middles = new double[answers.length][span()];
        for (int row = 0; row < middles.length; row++) {
            for (int step = 0; step < middles[row].length; step++) {
                middles[row][step] =
                        all.middle(Arrays.copyOfRange(answers[row], step * levels.length, (step + 1) * levels.length));
            }
        }
        return middles;
    }

    @Override
    public float[][] outputs(Rows rows, double[][] answers) {
        float[][] numbers = point.outputs(rows, middles(answers));
        float[][] outputs = new float[numbers.length][outputs()];
        for (int row = 0; row < outputs.length; row++) {
            for (int i = 0; i < outputs[row].length; i += head.parts()) {
                float[] around = head.around(numbers[row][i / head.parts()]);
                System.arraycopy(around, 0, outputs[row], i, around.length);
            }
        }
        return outputs;
    }

    @Override
    public int outputs() {
        return span() * head.parts();
    }

    @Override
    public JsonObject state() {
        return Json.object(POINT, point.state(), WIDTH, width);
    }

    @Override
    public DistributionTarget restored(JsonFields state) {
        return with(point.restored(state.fields(POINT)), state.number(WIDTH, Double.MIN_VALUE));
    }

    @Override
    public boolean isCalibrated() {
        return true;
    }

    /** With the width that costs least on rows held back. */
    @Override
    public DistributionTarget calibrated(Rows heldBack, double[][] answers) {
        double[][] came = point.came(heldBack);
        double[][] middles = middles(answers);
        int levels = spread.levels().length;
        double best = 1;
        double least = Double.POSITIVE_INFINITY;
        for (int tried = -2 * TRIED; tried <= 2 * TRIED; tried++) {
            double wide = Math.pow(2, (double) tried / TRIED);
            double[][] changed = new double[answers.length][answers[0].length];
            for (int row = 0; row < changed.length; row++) {
                for (int i = 0; i < changed[row].length; i++) {
                    double middle = middles[row][i / levels];
                    changed[row][i] = middle + wide * (answers[row][i] - middle);
                }
            }
            double loss = spread.loss(came, changed);
            if (loss < least) {
                least = loss;
                best = wide;
            }
        }
        return with(point, best);
    }

    @Override
    public Score score(Rows rows, double[][] answers) {
        return point.score(rows, middles(answers));
    }

    @Override
    public Score ownScore(Rows rows, double[][] answers) {
        Score score = score(rows, answers);
        spread.figures(point.came(rows), answers).entrySet().forEach(entry -> score.more()
                .add(entry.getKey(), entry.getValue()));
        return score;
    }

    @Override
    public String remark(Score score) {
        return SeriesScores.coverage(score);
    }

    @Override
    public List<String> header() {
        List<String> header = new ArrayList<>(point.header());
        for (double level : spread.shown()) {
            header.add(
                    spread.areIntervals()
                            ? (level < 0.5 ? "lo-" : "hi-") + SeriesScores.percent(Math.abs(2 * level - 1))
                            : "q-" + SeriesScores.percent(level));
        }
        return header;
    }

    @Override
    public List<List<String>> lines(Rows rows, double[][] answers) {
        List<List<String>> lines = new ArrayList<>();
        for (List<String> line : point.lines(rows, middles(answers))) {
            int row = lines.size() / span();
            List<String> whole = new ArrayList<>(line);
            spread.told(lines.size() % span(), answers[row]).forEach(number -> whole.add(Double.toString(number)));
            lines.add(whole);
        }
        return lines;
    }

    /** With a band between the lowest and the highest of the numbers that are told. */
    @Override
    public List<Picture> pictures(Rows rows, double[][] answers) {
        return point.pictures(rows, middles(answers)).stream()
                .<Picture>map(picture -> banded((Curve) picture, answers))
                .toList();
    }

    private Curve banded(Curve curve, double[]... answers) {
        if (spread.shown().length < 2) {
            return curve;
        }
        List<Double> low = new ArrayList<>();
        List<Double> high = new ArrayList<>();
        for (int row = answers.length - curve.places().size(); row < answers.length; row++) {
            low.add(spread.at(spread.end(false), span() - 1, answers[row]));
            high.add(spread.at(spread.end(true), span() - 1, answers[row]));
        }
        String held = SeriesScores.percent(spread.end(true) - spread.end(false));
        return new Curve(
                curve.file(),
                curve.title(),
                curve.axis(),
                curve.name(),
                curve.places(),
                curve.truth(),
                curve.answers(),
                new Curve.Band(held + " % between", low, high));
    }
}
