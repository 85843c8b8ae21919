package org.gatefold.recipe.field.label;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.data.table.Table;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.baseline.Probabilities;
import org.gatefold.recipe.field.Answer;
import org.gatefold.recipe.field.Baseline;
import org.gatefold.recipe.field.Blend;
import org.gatefold.recipe.field.OutputTarget;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Score;
import org.gatefold.recipe.field.picture.Grid;
import org.gatefold.recipe.field.picture.Picture;
import org.gatefold.train.loss.CrossEntropy;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.metric.ClassScores;
import org.gatefold.train.metric.Metric;

/**
 * A column of classes, one of which is answered for every row. The classes are those of the training rows, unless they are
 * said beforehand; a row of another class counts as one that was answered wrongly. Answers are probabilities of the classes.
 */
public final class Category implements OutputTarget {
    private static final String CLASSES = "classes";
    private static final String COUNTS = "counts";

    /** The label of rows whose class no training row has. */
    private static final int UNKNOWN = -1;

    /** The least probability that outputs can mean. */
    private static final double LEAST = 1e-12;

    /** What all classes are called that no training row has. */
    private static final String OTHER = "(other)";

    /** Bins of {@link #calibrationError}. */
    private static final int BINS = 10;

    /** The most classes that a picture has room for. */
    private static final int MOST_DRAWN = 40;

    private final String column;
    private final String name;
    private final List<String> classes;
    private final boolean declared;
    private final boolean balanced;
    private final List<Integer> counts;

    /** @param counts training rows of each class; empty if classes count alike, or are not yet found */
    private Category(
            String column,
            String name,
            List<String> classes,
            boolean declared,
            boolean balanced,
            List<Integer> counts) {
        this.column = column;
        this.name = name;
        this.classes = List.copyOf(classes);
        this.declared = declared;
        this.balanced = balanced;
        this.counts = List.copyOf(counts);
    }

    /** A column whose training rows tell the classes. */
    public static Category column(String column) {
        return new Category(column, column, List.of(), false, false, List.of());
    }

    /** What it is called in answers; as its column by default. */
    public Category named(String newName) {
        return new Category(column, newName, classes, declared, balanced, counts);
    }

    /** All the classes there may be; a row of another one is an error. */
    public Category of(String... all) {
        return new Category(column, name, List.of(all), true, balanced, List.of());
    }

    /**
     * Whether rows count, where they are learnt from, by n / (k n<sub>c</sub>), of n rows of k classes n<sub>c</sub> of theirs, so that
     * rare classes are learnt as well as frequent ones: scikit-learn's "balanced". Before it is fitted.
     */
    public Category balanced(boolean value) {
        return new Category(column, name, classes, declared, value, List.of());
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Category fit(Rows training) {
        if (declared) {
            return counted(training);
        }
        List<String> found = training.text(column).stream().distinct().toList();
        boolean numbers = found.stream().allMatch(text -> text.matches("-?\\d{1,15}"));
        Comparator<String> order = numbers ? Comparator.comparingLong(Long::parseLong) : Comparator.naturalOrder();
        if (found.size() < 2) {
            throw new IllegalArgumentException(training.table().source() + ", column '" + column
                    + "': expected at least 2 classes among the rows to train on, got " + found);
        }
        return new Category(column, name, found.stream().sorted(order).toList(), false, balanced, List.of())
                .counted(training);
    }

    private Category counted(Rows training) {
        if (!balanced) {
            return this;
        }
        Integer[] found = new Integer[classes.size()];
        Arrays.fill(found, 0);
        for (int label : labels(training)) {
            found[label]++;
        }
        return new Category(column, name, classes, declared, true, List.of(found));
    }

    /** A class without rows has no part in the number of classes, and nothing to count. */
    private float[] weights() {
        double all = counts.stream().mapToDouble(Integer::doubleValue).sum();
        long there = counts.stream().filter(count -> count > 0).count();
        float[] weights = new float[counts.size()];
        for (int label = 0; label < weights.length; label++) {
            weights[label] = counts.get(label) == 0 ? 0 : (float) (all / (there * (double) counts.get(label)));
        }
        return weights;
    }

    /** The classes, in the order of their probabilities; none before it is fitted, unless they were said. */
    public List<String> classes() {
        return classes;
    }

    /** The place of each row's class among the classes; below 0 for one that no training row has. */
    public int[] labels(Rows rows) {
        if (classes.isEmpty()) {
            throw new IllegalStateException("field '" + name + "': fit it before rows are encoded");
        }
        List<String> texts = rows.text(column);
        int[] labels = new int[texts.size()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = classes.indexOf(texts.get(i));
            if (labels[i] < 0 && declared) {
                throw new IllegalArgumentException(rows.where(i, column) + ": expected one of "
                        + String.join(", ", classes) + ", got '" + texts.get(i) + "'");
            }
        }
        return labels;
    }

    /** Those of the rows whose class is among the classes. */
    public Rows known(Rows rows) {
        int[] labels = labels(rows);
        return Rows.of(
                rows.table(),
                IntStream.range(0, labels.length)
                        .filter(i -> labels[i] >= 0)
                        .map(rows::index)
                        .toArray());
    }

    /** The answer of a method that gives no probabilities. */
    double[] certainly(int label) {
        double[] answer = new double[classes.size()];
        answer[label] = 1;
        return answer;
    }

    @Override
    public Column encode(Rows rows) {
        return Column.labels(Dataset.TARGET, labels(rows));
    }

    @Override
    public String summary() {
        return classes.size() + " classes";
    }

    @Override
    public JsonObject state() {
        JsonArray all = new JsonArray();
        classes.forEach(all::add);
        JsonObject state = new JsonObject();
        state.add(CLASSES, all);
        if (balanced) {
            JsonArray each = new JsonArray();
            counts.forEach(each::add);
            state.add(COUNTS, each);
        }
        return state;
    }

    @Override
    public Category restored(JsonFields state) {
        List<String> saved = state.textList(CLASSES);
        if (saved.size() < 2) {
            throw state.wrong(CLASSES, "expected at least 2, got " + saved, null);
        }
        List<Integer> rows = balanced ? state.integers(COUNTS, 0, Integer.MAX_VALUE) : List.of();
        if (balanced && rows.size() != saved.size()) {
            throw state.wrong(COUNTS, "expected " + saved.size() + " numbers, got " + rows.size(), null);
        }
        return new Category(column, name, saved, declared, balanced, rows);
    }

    @Override
    public boolean isKnown(Table table) {
        return table.has(column);
    }

    @Override
    public int outputs() {
        return classes.size();
    }

    @Override
    public Loss loss() {
        CrossEntropy loss = declared ? Loss.crossEntropy() : Loss.crossEntropy().ignoring(UNKNOWN);
        return counts.isEmpty() ? loss : loss.classWeights(weights());
    }

    @Override
    public List<Metric> metrics() {
        return List.of(declared ? Metric.accuracy() : Metric.accuracy(UNKNOWN));
    }

    @Override
    public String warning(Rows test) {
        long unknown =
                Arrays.stream(labels(test)).filter(label -> label == UNKNOWN).count();
        return unknown == 0
                ? ""
                : unknown
                        + " of the rows to test have a class that no row to train on has, and count as answered wrongly";
    }

    @Override
    public List<Baseline> baselines() {
        return List.of(ClassBaselines.majority(), ClassBaselines.nearestNeighbours(3));
    }

    @Override
    public double[][] answers(Rows rows, float[][] outputs) {
        return Arrays.stream(outputs).map(Category::softmax).toArray(double[][]::new);
    }

    /** Logarithms; those of zero are as small as those of {@value #LEAST}. */
    @Override
    public float[][] outputs(Rows rows, double[][] answers) {
        float[][] outputs = new float[answers.length][classes.size()];
        for (int i = 0; i < answers.length; i++) {
            for (int label = 0; label < outputs[i].length; label++) {
                outputs[i][label] = (float) Math.log(Math.max(LEAST, answers[i][label]));
            }
        }
        return outputs;
    }

    /**
     * The weights that make the classes of the rows most likely: a logistic regression on the two outputs, where weights far
     * from 1 cost as much as a few rows.
     */
    @Override
    public Blend blend(Rows rows, float[][] prior, float[][] network) {
        int[] labels = labels(rows);
        Blend best = Blend.SUM;
        double least = cost(best, prior, network, labels);
        for (double step = 0.5; step > 1e-3; ) {
            Blend found = best;
            for (int way = 0; way < 4; way++) {
                double change = way % 2 == 0 ? step : -step;
                Blend next = way < 2
                        ? new Blend(Math.max(0, best.prior() + change), best.network())
                        : new Blend(best.prior(), Math.max(0, best.network() + change));
                double cost = cost(next, prior, network, labels);
                if (cost < least) {
                    least = cost;
                    found = next;
                }
            }
            if (found.equals(best)) {
                step /= 2;
            }
            best = found;
        }
        return best;
    }

    private static double cost(Blend blend, float[][] prior, float[][] network, int... labels) {
        float[][] outputs = blend.of(prior, network);
        double cost = (Math.pow(blend.prior() - 1, 2) + Math.pow(blend.network() - 1, 2)) / 2;
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] >= 0) {
                cost -= Math.log(Math.max(Double.MIN_NORMAL, softmax(outputs[i])[labels[i]]));
            }
        }
        return cost;
    }

    /** Probabilities of logits. */
    public static double[] softmax(float... logits) {
        return Probabilities.ofLogarithms(
                IntStream.range(0, logits.length).mapToDouble(i -> logits[i]).toArray());
    }

    /** The most probable class, the first of equals. */
    public static int best(double... probabilities) {
        int best = 0;
        for (int i = 1; i < probabilities.length; i++) {
            if (probabilities[i] > probabilities[best]) {
                best = i;
            }
        }
        return best;
    }

    @Override
    public Score score(Rows rows, double[][] answers) {
        int[] labels = labels(rows);
        List<String> names = names(labels);
        ClassScores scores = scores(names, labels, answers);
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("accuracy", scores.accuracy());
        figures.put("precision", scores.macroPrecision());
        figures.put("recall", scores.macroRecall());
        figures.put("f1", scores.macroF1());
        JsonObject more = new JsonObject();
        more.addProperty("logLoss", logLoss(labels, answers));
        more.addProperty("calibrationError", calibrationError(labels, answers));
        JsonArray each = new JsonArray();
        JsonArray counts = new JsonArray();
        for (int label = 0; label < names.size(); label++) {
            JsonObject one = new JsonObject();
            one.addProperty("class", names.get(label));
            one.addProperty("rows", (long) scores.labelled(label));
            one.addProperty("precision", scores.precision(label));
            one.addProperty("recall", scores.recall(label));
            one.addProperty("f1", scores.f1(label));
            each.add(one);
            JsonArray line = new JsonArray();
            Arrays.stream(scores.counts()[label]).forEach(count -> line.add((long) count));
            counts.add(line);
        }
        more.add("classes", each);
        more.add("confusion", counts);
        return new Score(figures, more);
    }

    /** The classes, and one for all that no training row has, if there are such rows. */
    private List<String> names(int... labels) {
        return Arrays.stream(labels).anyMatch(label -> label == UNKNOWN)
                ? Stream.concat(classes.stream(), Stream.of(OTHER)).toList()
                : classes;
    }

    private static ClassScores scores(List<String> names, int[] labels, double[][] answers) {
        return ClassScores.of(
                names.size(),
                Arrays.stream(labels)
                        .map(label -> label == UNKNOWN ? names.size() - 1 : label)
                        .toArray(),
                Arrays.stream(answers).mapToInt(Category::best).toArray());
    }

    /** The mean of minus the logarithm of the probability of what a row is; of no row less than {@value #LEAST} is believed. */
    private static double logLoss(int[] labels, double[][] answers) {
        return IntStream.range(0, labels.length)
                .mapToDouble(i -> -Math.log(Math.max(LEAST, labels[i] == UNKNOWN ? 0 : answers[i][labels[i]])))
                .average()
                .orElse(Double.NaN);
    }

    /**
     * How far confidence is from accuracy: rows in {@value #BINS} bins by the probability of their answer, and in each the distance of
     * its mean from the share of right answers, weighted by rows (expected calibration error, Guo et al. 2017, equation 3).
     */
    private static double calibrationError(int[] labels, double[][] answers) {
        double[] distances = new double[BINS];
        for (int i = 0; i < labels.length; i++) {
            int best = best(answers[i]);
            double confidence = answers[i][best];
            distances[Math.min(BINS - 1, (int) (confidence * BINS))] += confidence - (best == labels[i] ? 1 : 0);
        }
        return Arrays.stream(distances).map(Math::abs).sum() / labels.length;
    }

    @Override
    public List<Picture> pictures(Rows rows, double[][] answers) {
        int[] labels = labels(rows);
        List<String> names = names(labels);
        List<Picture> pictures = new ArrayList<>();
        if (names.size() <= MOST_DRAWN) {
            pictures.add(new Grid(
                    "confusion",
                    "Rows of each class by answer, test part",
                    "answer",
                    name,
                    names,
                    names,
                    scores(names, labels, answers).counts(),
                    true));
        }
        Mistakes.of(rows, rows.text(column), classes, answers).ifPresent(pictures::add);
        return pictures;
    }

    @Override
    public boolean higherIsBetter() {
        return true;
    }

    @Override
    public List<String> header() {
        return List.of("row", name, "probability", "actual");
    }

    @Override
    public Optional<Answer.Kind> says() {
        return Optional.of(Answer.Kind.LABEL);
    }

    @Override
    public List<Answer> said(Rows rows, double[][] answers) {
        return Arrays.stream(answers)
                .<Answer>map(answer -> new Answer.Label(classes.get(best(answer)), answer.clone()))
                .toList();
    }

    @Override
    public List<List<String>> lines(Rows rows, double[][] answers) {
        List<String> actual = isKnown(rows.table()) ? rows.text(column) : null;
        List<List<String>> lines = new ArrayList<>();
        for (int i = 0; i < answers.length; i++) {
            int best = best(answers[i]);
            lines.add(List.of(
                    rows.table().rowName(rows.index(i)),
                    classes.get(best),
                    String.format(Locale.ROOT, "%.6f", answers[i][best]),
                    actual == null ? "" : actual.get(i)));
        }
        return lines;
    }
}
