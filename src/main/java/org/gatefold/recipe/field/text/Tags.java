package org.gatefold.recipe.field.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.data.table.Table;
import org.gatefold.data.text.TaggedTable;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.output.Crf;
import org.gatefold.layer.output.CrfConstraints;
import org.gatefold.layer.output.SpanTag.Scheme;
import org.gatefold.model.Model;
import org.gatefold.recipe.field.Answer;
import org.gatefold.recipe.field.Baseline;
import org.gatefold.recipe.field.Blend;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.OutputTarget;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Score;
import org.gatefold.recipe.field.Target;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.metric.Metric;
import org.gatefold.train.metric.SpanScores;

/**
 * A tag for every word of a sentence: of spans such as names, in BIO or BIOES, or plain ones such as parts of speech where training rows
 * have a tag that is neither. A conditional random field answers for whole sentences. An answer is the place of each word's tag among
 * the tags.
 */
public final class Tags implements OutputTarget {
    private static final String TAGS = "tags";
    private static final String OUTSIDE = "O";
    private static final String LEANING = "leaning";

    /** The smallest change of {@link #leaning} that is tried. */
    private static final double FINEST = 0.25;

    private final String words;
    private final String column;
    private final boolean crf;
    private final List<String> tags;
    private final Scheme scheme;
    private final double leaning;

    /**
     * @param tags empty if not fitted
     * @param leaning by how much the logit was lowered of a word that is in no span
     */
    private Tags(String words, String column, boolean crf, List<String> tags, double leaning) {
        this.words = words;
        this.column = column;
        this.crf = crf;
        this.tags = List.copyOf(tags);
        this.scheme = scheme(tags);
        this.leaning = leaning;
    }

    /**
     * Columns of words and of their tags, with a blank between.
     *
     * @param words that answers stand beside
     */
    public static Tags columns(String words, String tags) {
        return new Tags(words, tags, true, List.of(), 0);
    }

    /** Whether a conditional random field answers, as by default; else each word by itself. */
    public Tags crf(boolean value) {
        return new Tags(words, column, value, tags, leaning);
    }

    /** How spans are written; null for plain tags. */
    private static Scheme scheme(List<String> tags) {
        if (tags.stream().allMatch(OUTSIDE::equals)) {
            return null;
        }
        for (Scheme each : Scheme.values()) {
            if (tags.stream().allMatch(tag -> isOf(each, tag))) {
                return each;
            }
        }
        return null;
    }

    private static boolean isOf(Scheme scheme, String tag) {
        try {
            return scheme.read(tag) != null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    @Override
    public String name() {
        return column;
    }

    /** The words of each row. */
    List<List<String>> words(Rows rows) {
        return rows.text(words).stream().map(TaggedTable::parts).toList();
    }

    /** The tags of each row. */
    private List<List<String>> tags(Rows rows) {
        List<List<String>> all =
                rows.text(column).stream().map(TaggedTable::parts).toList();
        List<List<String>> tokens = words(rows);
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).size() != tokens.get(i).size()) {
                throw new IllegalArgumentException(rows.where(i, column) + ": expected "
                        + tokens.get(i).size() + " tags, as there are words, got "
                        + all.get(i).size());
            }
        }
        return all;
    }

    /** Tags of spans are all those of each kind that is there, whichever of them the rows have. */
    @Override
    public Tags fit(Rows training) {
        TreeSet<String> found = new TreeSet<>();
        tags(training).forEach(found::addAll);
        if (found.size() < 2) {
            throw new IllegalArgumentException(training.table().source() + ", column '" + column
                    + "': expected at least 2 tags among the rows to train on, got " + found);
        }
        Scheme written = scheme(List.copyOf(found));
        return new Tags(words, column, crf, written == null ? List.copyOf(found) : complete(written, found), 0);
    }

    private static List<String> complete(Scheme scheme, Iterable<String> found) {
        TreeSet<String> kinds = new TreeSet<>();
        found.forEach(tag -> kinds.add(scheme.read(tag).kind()));
        kinds.remove("");
        List<String> all = new ArrayList<>();
        all.add(OUTSIDE);
        for (String kind : kinds) {
            for (String place : scheme == Scheme.BIO ? List.of("B-", "I-") : List.of("B-", "I-", "E-", "S-")) {
                all.add(place + kind);
            }
        }
        return all;
    }

    private CrfConstraints constraints() {
        return scheme == Scheme.BIO ? CrfConstraints.bio(tags) : CrfConstraints.bioes(tags);
    }

    /** The place of each word's tag among the tags; below 0 for one that no training row has. */
    int[][] labels(Rows rows) {
        if (tags.isEmpty()) {
            throw new IllegalStateException("field '" + column + "': fit it before rows are encoded");
        }
        return tags(rows).stream()
                .map(sentence -> sentence.stream().mapToInt(tags::indexOf).toArray())
                .toArray(int[][]::new);
    }

    /** A tag that no training row has is learnt as the first one, which stands for no span where there are spans. */
    @Override
    public Column encode(Rows rows) {
        int[][] labels = labels(rows);
        CrfConstraints allowed = scheme == null ? null : constraints();
        for (int i = 0; i < labels.length; i++) {
            for (int t = 0; t < labels[i].length; t++) {
                labels[i][t] = Math.max(0, labels[i][t]);
            }
            if (allowed != null) {
                requireAllowed(allowed, rows, i, labels[i]);
            }
        }
        return Column.tokens(Dataset.TARGET, labels);
    }

    private void requireAllowed(CrfConstraints allowed, Rows rows, int i, int... labels) {
        for (int t = 0; t <= labels.length; t++) {
            boolean fits = t == labels.length
                    ? allowed.allowsEnd(labels[t - 1])
                    : t == 0 ? allowed.allowsStart(labels[0]) : allowed.allows(labels[t - 1], labels[t]);
            if (!fits) {
                int at = Math.min(t, labels.length - 1);
                String expected = t == labels.length
                        ? "end a sentence"
                        : t == 0 ? "begin a sentence" : "follow " + tags.get(labels[t - 1]);
                throw new IllegalArgumentException(rows.where(i, column) + ": word " + (at + 1) + ", '"
                        + words(rows.slice(i, i + 1)).get(0).get(at) + "': expected a tag that may " + expected + " in "
                        + scheme + ", got '" + tags.get(labels[at]) + "'");
            }
        }
    }

    @Override
    public String summary() {
        return tags.size() + " tags" + (scheme == null ? "" : " of " + scheme)
                + (crf ? ", decoded by a conditional random field" : "");
    }

    @Override
    public JsonObject state() {
        JsonArray all = new JsonArray();
        tags.forEach(all::add);
        JsonObject state = new JsonObject();
        state.add(TAGS, all);
        if (leaning != 0) {
            state.addProperty(LEANING, leaning);
        }
        return state;
    }

    @Override
    public Tags restored(JsonFields state) {
        List<String> saved = state.textList(TAGS);
        if (saved.size() < 2) {
            throw state.wrong(TAGS, "expected at least 2, got " + saved, null);
        }
        return new Tags(words, column, crf, saved, state.has(LEANING) ? state.number(LEANING, -Double.MAX_VALUE) : 0);
    }

    @Override
    public boolean isKnown(Table table) {
        return table.has(column);
    }

    @Override
    public int outputs() {
        return tags.size();
    }

    @Override
    public List<Layer> head() {
        if (!crf) {
            return List.of(Linear.of(outputs()));
        }
        Crf field = Crf.create();
        return List.of(Linear.of(outputs()), scheme == null ? field : field.constraints(constraints()));
    }

    @Override
    public Loss loss() {
        return crf ? Loss.crf() : Loss.crossEntropy();
    }

    @Override
    public List<Metric> metrics() {
        return scheme == null ? List.of(Metric.accuracy()) : List.of(Metric.spanF1(scheme, tags), Metric.accuracy());
    }

    /** The F1 of spans still rises when the loss does too. */
    @Override
    public Optional<Monitored> monitored() {
        return scheme == null
                ? Optional.empty()
                : Optional.of(new Monitored(metrics().get(0).name(), true));
    }

    /**
     * Finds how far the logit of a word in no span is to be lowered, or raised, for the best F1: one number, by which precision is
     * given for recall (Minkov et al. 2006). Likelihood, which is learnt, leaves out more spans than F1 does.
     */
    @Override
    public Tags tuned(Model model, Fields fields, Rows heldBack) {
        if (scheme == null || !tags.contains(OUTSIDE)) {
            return this;
        }
        float usual = outside(model);
        double best = 0;
        double highest = f1(model, fields, heldBack);
        for (double step = 1; step >= FINEST; ) {
            double found = best;
            for (double next : new double[] {best + step, best - step}) {
                setOutside(model, usual - (float) next);
                double f1 = f1(model, fields, heldBack);
                if (f1 > highest) {
                    highest = f1;
                    found = next;
                    break;
                }
            }
            if (found == best) {
                step /= 2;
            }
            best = found;
        }
        setOutside(model, usual - (float) best);
        return new Tags(words, column, crf, tags, best);
    }

    private double f1(Model model, Fields fields, Rows heldBack) {
        return score(heldBack, answers(model, fields, heldBack)).first();
    }

    @Override
    public Tags tunedAs(Target other, Model model) {
        double chosen = ((Tags) other).leaning;
        if (chosen == 0) {
            return this;
        }
        setOutside(model, outside(model) - (float) chosen);
        return new Tags(words, column, crf, tags, chosen);
    }

    /** What is added to the logit of a word in no span: a bias of the first layer of the head. */
    private float outside(Model model) {
        return bias(model).value().toFloats()[tags.indexOf(OUTSIDE)];
    }

    private void setOutside(Model model, float value) {
        float[] values = bias(model).value().toFloats();
        values[tags.indexOf(OUTSIDE)] = value;
        bias(model).set(values);
    }

    private Parameter bias(Model model) {
        List<Layer> layers = model.layers();
        return model.parameters().get(layers.get(layers.size() - head().size()).name() + ".b");
    }

    @Override
    public String remark(Score score) {
        return leaning == 0
                ? ""
                : String.format(
                        Locale.ROOT,
                        "the logit of a word in no span was %s by %.2f, for the best F1 on the rows held back",
                        leaning > 0 ? "lowered" : "raised",
                        Math.abs(leaning));
    }

    @Override
    public String warning(Rows test) {
        List<List<String>> all = tags(test);
        long unknown = 0;
        for (int i = 0; i < all.size(); i++) {
            for (String tag : all.get(i)) {
                if (scheme != null && !isOf(scheme, tag)) {
                    throw new IllegalArgumentException(test.where(i, column) + ": expected tags of " + scheme
                            + ", as the rows to train on have, got '" + tag + "'");
                }
                unknown += tags.contains(tag) ? 0 : 1;
            }
        }
        return unknown == 0
                ? ""
                : unknown
                        + " of the words to test have a tag that no row to train on has, and count as answered wrongly";
    }

    @Override
    public List<Baseline> baselines() {
        return List.of(TextBaselines.frequentTags());
    }

    /** The tag of the largest output of each word, the first of equals. */
    @Override
    public double[][] answers(Rows rows, float[][] outputs) {
        double[][] answers = new double[outputs.length][];
        for (int i = 0; i < answers.length; i++) {
            answers[i] = new double[outputs[i].length / tags.size()];
            for (int t = 0; t < answers[i].length; t++) {
                int from = t * tags.size();
                int best = 0;
                for (int label = 1; label < tags.size(); label++) {
                    best = outputs[i][from + label] > outputs[i][from + best] ? label : best;
                }
                answers[i][t] = best;
            }
        }
        return answers;
    }

    /** 1 for the tag of a word, 0 for others. */
    @Override
    public float[][] outputs(Rows rows, double[][] answers) {
        float[][] outputs = new float[answers.length][];
        for (int i = 0; i < outputs.length; i++) {
            outputs[i] = new float[answers[i].length * tags.size()];
            for (int t = 0; t < answers[i].length; t++) {
                outputs[i][t * tags.size() + (int) answers[i][t]] = 1;
            }
        }
        return outputs;
    }

    /** The one of the two that answers better, for tags that were decided on cannot be added up; the network if both are as good. */
    @Override
    public Blend blend(Rows rows, float[][] prior, float[][] network) {
        return rows.size() > 0
                        && score(rows, answers(rows, prior)).first()
                                > score(rows, answers(rows, network)).first()
                ? new Blend(1, 0)
                : new Blend(0, 1);
    }

    private List<String> named(double... answer) {
        List<String> named = new ArrayList<>();
        for (double label : answer) {
            named.add(tags.get((int) label));
        }
        return named;
    }

    /** F1, precision and recall of spans as conlleval counts them, where there are spans, and the share of words with the right tag. */
    @Override
    public Score score(Rows rows, double[][] answers) {
        List<List<String>> wanted = tags(rows);
        SpanScores spans = scheme == null ? null : new SpanScores(scheme);
        long right = 0;
        long all = 0;
        for (int i = 0; i < answers.length; i++) {
            List<String> answered = named(answers[i]);
            for (int t = 0; t < answered.size(); t++) {
                right += answered.get(t).equals(wanted.get(i).get(t)) ? 1 : 0;
            }
            all += answered.size();
            if (spans != null) {
                add(spans, rows, i, wanted.get(i), answered);
            }
        }
        Map<String, Double> figures = new LinkedHashMap<>();
        JsonObject more = new JsonObject();
        if (spans != null) {
            figures.put("f1", spans.f1(null));
            figures.put("precision", spans.precision(null));
            figures.put("recall", spans.recall(null));
            more.add("kinds", kinds(spans));
        }
        figures.put("accuracy", (double) right / all);
        return new Score(figures, more);
    }

    private void add(SpanScores spans, Rows rows, int i, List<String> wanted, List<String> answered) {
        try {
            spans.add(wanted, answered);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(rows.where(i, column) + ": " + e.getMessage(), e);
        }
    }

    private static JsonObject kinds(SpanScores spans) {
        JsonObject kinds = new JsonObject();
        for (String kind : new TreeSet<>(spans.kinds())) {
            JsonObject figures = new JsonObject();
            figures.addProperty("f1", spans.f1(kind));
            figures.addProperty("precision", spans.precision(kind));
            figures.addProperty("recall", spans.recall(kind));
            kinds.add(kind, figures);
        }
        return kinds;
    }

    @Override
    public boolean higherIsBetter() {
        return true;
    }

    @Override
    public String counted(int rows) {
        return rows + (rows == 1 ? " sentence" : " sentences");
    }

    @Override
    public List<String> header() {
        return List.of("row", "word", "actual", column);
    }

    @Override
    public Optional<Answer.Kind> says() {
        return Optional.of(Answer.Kind.TAGS);
    }

    @Override
    public List<Answer> said(Rows rows, double[][] answers) {
        return Arrays.stream(answers)
                .<Answer>map(answer -> new Answer.Tags(named(answer)))
                .toList();
    }

    /** A line for every word. */
    @Override
    public List<List<String>> lines(Rows rows, double[][] answers) {
        List<List<String>> tokens = words(rows);
        List<List<String>> actual = isKnown(rows.table()) ? tags(rows) : null;
        List<List<String>> lines = new ArrayList<>();
        for (int i = 0; i < answers.length; i++) {
            List<String> answered = named(answers[i]);
            for (int t = 0; t < answered.size(); t++) {
                lines.add(List.of(
                        Integer.toString(rows.index(i) + 1),
                        tokens.get(i).get(t),
                        actual == null ? "" : actual.get(i).get(t),
                        answered.get(t)));
            }
        }
        return lines;
    }

    /** As {@code conlleval} takes it: word, tag that is right, if it is known, and answer between tabs; an empty line after each sentence. */
    @Override
    public Optional<String> written(Rows rows, double[][] answers) {
        StringBuilder text = new StringBuilder();
        String row = null;
        for (List<String> line : lines(rows, answers)) {
            text.append(row == null || row.equals(line.get(0)) ? "" : "\n").append(line.get(1));
            row = line.get(0);
            if (!line.get(2).isEmpty()) {
                text.append('\t').append(line.get(2));
            }
            text.append('\t').append(line.get(3)).append('\n');
        }
        return Optional.of(text.append('\n').toString());
    }

    /**
     * Of each row its text, of words with a blank between, and its spans: what they are, their first and last word, their text, and where
     * that begins and ends in the row's, in characters of Unicode. Of plain tags, the tag of each word.
     */
    @Override
    public String jsonLines(Rows rows, double[][] answers) {
        List<List<String>> all = words(rows);
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < answers.length; i++) {
            List<String> tokens = all.get(i);
            List<String> answered = named(answers[i]);
            JsonObject line = new JsonObject();
            line.addProperty("row", rows.index(i) + 1);
            line.addProperty("text", String.join(" ", tokens));
            JsonArray found = new JsonArray();
            if (scheme == null) {
                answered.forEach(found::add);
            } else {
                SpanScores.spans(scheme, answered).forEach(span -> found.add(json(span, tokens)));
            }
            line.add(scheme == null ? TAGS : "spans", found);
            lines.append(Json.compact(line)).append('\n');
        }
        return lines.toString();
    }

    private static JsonObject json(SpanScores.Span span, List<String> tokens) {
        String text = String.join(" ", tokens.subList(span.begin(), span.end()));
        int begin = tokens.subList(0, span.begin()).stream()
                .mapToInt(token -> characters(token) + 1)
                .sum();
        return Json.object(
                "type",
                span.kind(),
                "first",
                span.begin(),
                "last",
                span.end() - 1,
                "text",
                text,
                "begin",
                begin,
                "end",
                begin + characters(text));
    }

    private static int characters(String text) {
        return text.codePointCount(0, text.length());
    }
}
