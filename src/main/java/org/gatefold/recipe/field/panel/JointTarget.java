package org.gatefold.recipe.field.panel;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.gatefold.data.table.Table;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.field.Baseline;
import org.gatefold.recipe.field.Blend;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Score;
import org.gatefold.recipe.field.picture.Picture;
import org.gatefold.recipe.field.recursion.RecursiveTarget;
import org.gatefold.recipe.field.series.DelegatingTarget;
import org.gatefold.recipe.field.series.NumberTarget;
import org.gatefold.recipe.field.series.SeriesScores;
import org.gatefold.train.loss.Loss;

/**
 * Several columns that are forecast together, by one network: answers are those for the first column, then those for the second, and so
 * on, as outputs are. Figures are means over the columns.
 */
public final class JointTarget implements DelegatingTarget {
    private static final String COLUMN = "column";
    private static final String COLUMNS = "columns";

    private final List<NumberTarget> columns;

    private JointTarget(List<? extends NumberTarget> columns) {
        this.columns = List.copyOf(columns);
    }

    /**
     * Columns that are forecast together.
     *
     * @param columns at least one, of as many steps each
     */
    public static JointTarget of(List<? extends NumberTarget> columns) {
        return new JointTarget(columns);
    }

    /** What is read and answered of one column. */
    static Fields fields(Fields all, int column) {
        return new Fields(all.inputs(), joint(all).columns.get(column), null);
    }

    private static JointTarget joint(Fields fields) {
        return (JointTarget)
                (fields.target() instanceof RecursiveTarget recursive ? recursive.shown() : fields.target());
    }

    private JointTarget each(BiFunction<NumberTarget, Integer, NumberTarget> change) {
        return new JointTarget(IntStream.range(0, columns.size())
                .mapToObj(i -> change.apply(columns.get(i), i))
                .toList());
    }

    @Override
    public NumberTarget shown() {
        return columns.get(0);
    }

    @Override
    public String name() {
        return columns.stream().map(NumberTarget::name).collect(Collectors.joining(", "));
    }

    @Override
    public JointTarget fit(Rows training) {
        return each((column, i) -> (NumberTarget) column.fit(training));
    }

    @Override
    public Rows examples(Rows rows) {
        Rows left = rows;
        for (NumberTarget column : columns) {
            left = column.examples(left);
        }
        return left;
    }

    /** Of arrays for all columns, as {@link #ofEach} has them, those for one. */
    private float[][] apart(float[][] all, int column) {
        return Arrays.stream(all)
                .map(row -> {
                    int width = row.length / columns.size();
                    return Arrays.copyOfRange(row, column * width, (column + 1) * width);
                })
                .toArray(float[][]::new);
    }

    /** Arrays for each column, one after the other, as one array of each row. */
    private float[][] ofEach(BiFunction<NumberTarget, Integer, float[][]> outputs) {
        List<float[][]> each = IntStream.range(0, columns.size())
                .mapToObj(i -> outputs.apply(columns.get(i), i))
                .toList();
        float[][] all = new float[each.get(0).length][];
        for (int row = 0; row < all.length; row++) {
            int width = each.get(0)[row].length;
            all[row] = new float[each.size() * width];
            for (int column = 0; column < each.size(); column++) {
                System.arraycopy(each.get(column)[row], 0, all[row], column * width, width);
            }
        }
        return all;
    }

    @Override
    public float[][] learnt(Rows rows) {
        return ofEach((column, i) -> column.learnt(rows));
    }

    @Override
    public float[][] located(float[][] outputs) {
        return ofEach((column, i) -> column.located(apart(outputs, i)));
    }

    @Override
    public float[][] joined(Blend weights, float[][] prior, float[][] network) {
        return ofEach((column, i) -> column.joined(weights, apart(prior, i), apart(network, i)));
    }

    @Override
    public Loss loss() {
        return columns.get(0).loss();
    }

    @Override
    public double[][] answers(Rows rows, float[][] outputs) {
        return joined(IntStream.range(0, columns.size())
                .mapToObj(i -> columns.get(i).answers(rows, apart(outputs, i)))
                .toList());
    }

    /** Answers for each column, one after the other. */
    static double[][] joined(List<double[][]> each) {
        double[][] all = new double[each.get(0).length][];
        Arrays.setAll(all, row -> each.stream()
                .flatMapToDouble(column -> Arrays.stream(column[row]))
                .toArray());
        return all;
    }

    private double[][] ofColumn(double[][] answers, int column) {
        return Arrays.stream(answers)
                .map(row -> {
                    int width = row.length / columns.size();
                    return Arrays.copyOfRange(row, column * width, (column + 1) * width);
                })
                .toArray(double[][]::new);
    }

    @Override
    public float[][] outputs(Rows rows, double[][] answers) {
        return ofEach((column, i) -> column.outputs(rows, ofColumn(answers, i)));
    }

    @Override
    public int outputs() {
        return columns.size() * columns.get(0).outputs();
    }

    @Override
    public int before() {
        return columns.stream().mapToInt(NumberTarget::before).max().orElseThrow();
    }

    @Override
    public JsonObject state() {
        return Json.list(COLUMNS, columns, NumberTarget::state);
    }

    @Override
    public JointTarget restored(JsonFields state) {
        List<JsonFields> states = state.listOf(columns.size(), COLUMNS);
        return each((column, i) -> (NumberTarget) column.restored(states.get(i)));
    }

    @Override
    public boolean isKnown(Table table) {
        return columns.stream().allMatch(column -> column.isKnown(table));
    }

    @Override
    public List<Baseline> baselines() {
        return baselines(columns.get(0).baselines());
    }

    /** Methods for one column, each fitted to each column by itself; those that do not apply to all of them do not apply. */
    public static List<Baseline> baselines(List<Baseline> methods) {
        return methods.stream()
                .map(method -> new Baseline(method.name(), (fields, training, test) -> {
                    List<double[][]> each = new ArrayList<>();
                    List<String> details = new ArrayList<>();
                    for (int i = 0; i < joint(fields).columns.size(); i++) {
                        Baseline.Attempt attempt = method.method().attempt(fields(fields, i), training, test);
                        if (attempt.answers() == null) {
                            return attempt;
                        }
                        each.add(attempt.answers());
                        details.add(attempt.detail());
                    }
                    return new Baseline.Attempt(String.join(", ", details), joined(each));
                }))
                .toList();
    }

    @Override
    public String warning(Rows rows) {
        return columns.stream()
                .map(column -> column.warning(rows))
                .filter(words -> !words.isEmpty())
                .distinct()
                .collect(Collectors.joining("; "));
    }

    @Override
    public JointTarget calibrated(Rows heldBack, double[][] answers) {
        return each((column, i) -> (NumberTarget) column.calibrated(heldBack, ofColumn(answers, i)));
    }

    @Override
    public Score score(Rows rows, double[][] answers) {
        return score(rows, answers, false);
    }

    @Override
    public Score ownScore(Rows rows, double[][] answers) {
        return score(rows, answers, true);
    }

    private Score score(Rows rows, double[][] answers, boolean own) {
        Map<String, Score> scores = new LinkedHashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            NumberTarget column = columns.get(i);
            double[][] ours = ofColumn(answers, i);
            scores.put(column.name(), own ? column.ownScore(rows, ours) : column.score(rows, ours));
        }
        return SeriesScores.mean(COLUMN, scores);
    }

    @Override
    public String counted(int rows) {
        return columns.get(0).counted(rows) + ", of " + columns.size() + " columns; figures are means over the columns";
    }

    @Override
    public List<String> header() {
        return Stream.concat(Stream.of(COLUMN), columns.get(0).header().stream())
                .toList();
    }

    @Override
    public List<List<String>> lines(Rows rows, double[][] answers) {
        List<List<String>> lines = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            NumberTarget column = columns.get(i);
            column.lines(rows, ofColumn(answers, i))
                    .forEach(line -> lines.add(Stream.concat(Stream.of(column.name()), line.stream())
                            .toList()));
        }
        return lines;
    }

    @Override
    public List<Picture> pictures(Rows rows, double[][] answers) {
        Map<String, List<Picture>> drawn = new LinkedHashMap<>();
        for (int i = 0; i < Math.min(columns.size(), NumberedPictures.MOST); i++) {
            drawn.put(columns.get(i).name(), columns.get(i).pictures(rows, ofColumn(answers, i)));
        }
        return NumberedPictures.of(drawn);
    }
}
