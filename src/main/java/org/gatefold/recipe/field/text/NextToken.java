package org.gatefold.recipe.field.text;

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
import org.gatefold.file.JsonFields;
import org.gatefold.layer.Layer;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.embedding.TiedLinear;
import org.gatefold.layer.output.AdaptiveSoftmax;
import org.gatefold.model.Model;
import org.gatefold.recipe.field.Answer;
import org.gatefold.recipe.field.Baseline;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Score;
import org.gatefold.recipe.field.Target;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.metric.Metric;

/**
 * What follows each token of a {@link RunningText}: what a language model answers. An answer for a line is how many nats its tokens cost,
 * each behind all before it and the end of the line among them; how many tokens it has; and how many characters.
 */
public final class NextToken implements Target {
    private static final int NATS = 0;
    private static final int TOKENS = 1;
    private static final int CHARACTERS = 2;

    /** The largest vocabulary of which all logits are computed in each step of training. */
    private static final int MOST_LOGITS = 20_000;

    /** The first tokens of the clusters of rarer ones, where the vocabulary is larger. */
    private static final int[] CUTOFFS = {2000, 10_000};

    private final RunningText text;
    private final String tied;

    private NextToken(RunningText text, String tied) {
        this.text = text;
        this.tied = tied;
    }

    /** What follows in a text, read off a linear layer, or off an {@link AdaptiveSoftmax} for more than {@value #MOST_LOGITS} tokens. */
    public static NextToken of(RunningText text) {
        return new NextToken(text, null);
    }

    /** Computes logits by the table of the embedding of a name (Press and Wolf 2017); null for a matrix of their own. */
    public NextToken tiedTo(String embedding) {
        return new NextToken(text, embedding);
    }

    @Override
    public String name() {
        return "next token";
    }

    /** The text as it is read. */
    public RunningText text() {
        return text;
    }

    @Override
    public NextToken fit(Rows training) {
        return new NextToken(text.fit(training), tied);
    }

    @Override
    public Column encode(Rows rows) {
        return Column.tokens(Dataset.TARGET, text.cut(RunningText.joined(text.lines(rows))));
    }

    @Override
    public String summary() {
        return "";
    }

    @Override
    public JsonObject state() {
        return text.state();
    }

    @Override
    public NextToken restored(JsonFields state) {
        return new NextToken(text.restored(state), tied);
    }

    @Override
    public boolean isKnown(Table table) {
        return table.has(text.name());
    }

    @Override
    public List<Layer> head() {
        int vocabulary = text.vocabulary().size();
        if (isAdaptive()) {
            return List.of(AdaptiveSoftmax.of(vocabulary, CUTOFFS));
        }
        return List.of(tied == null ? Linear.of(vocabulary) : TiedLinear.to(tied));
    }

    @Override
    public Loss loss() {
        return isAdaptive() ? Loss.nll() : Loss.crossEntropy();
    }

    private boolean isAdaptive() {
        return tied == null && text.vocabulary().size() > MOST_LOGITS;
    }

    /** None beside the loss, which is nats a token. */
    @Override
    public List<Metric> metrics() {
        return List.of();
    }

    @Override
    public List<Baseline> baselines() {
        return List.of(TextBaselines.unigram(), TextBaselines.kneserNeyBigram());
    }

    @Override
    public double[][] answers(Model model, Fields fields, Rows rows) {
        int[][] lines = text.lines(rows);
        int[] tokens = RunningText.joined(lines);
        return tokens.length == 0
                ? new double[0][]
                : answers(rows, lines, TokenNats.of(model, text.before(tokens), tokens));
    }

    /** Rows may have several lines. */
    @Override
    public double[][] separateAnswers(Model model, Fields fields, Rows rows) {
        int[][] texts = text.texts(rows);
        return texts.length == 0 ? new double[0][] : answers(rows, texts, TokenNats.each(model, text.end(), texts));
    }

    @Override
    public Optional<Answer.Kind> says() {
        return Optional.of(Answer.Kind.LIKELIHOOD);
    }

    @Override
    public List<Answer> said(Rows rows, double[][] answers) {
        return Arrays.stream(answers)
                .<Answer>map(answer -> new Answer.Likelihood(answer[NATS], (int) answer[TOKENS]))
                .toList();
    }

    /**
     * Answers by what each token costs.
     *
     * @param nats of all tokens of the rows, one after the other
     */
    double[][] answers(Rows rows, double... nats) {
        return answers(rows, text.lines(rows), nats);
    }

    private double[][] answers(Rows rows, int[][] lines, double... nats) {
        int[] characters = text.characters(rows);
        double[][] answers = new double[lines.length][];
        int at = 0;
        for (int i = 0; i < lines.length; i++) {
            int end = at + lines[i].length;
            answers[i] = new double[] {Arrays.stream(nats, at, end).sum(), end - at, characters[i]};
            at = end;
        }
        return answers;
    }

    private static double sum(double[][] answers, int number) {
        return Arrays.stream(answers).mapToDouble(answer -> answer[number]).sum();
    }

    @Override
    public Score score(Rows rows, double[][] answers) {
        double nats = sum(answers, NATS);
        double tokens = sum(answers, TOKENS);
        double characters = sum(answers, CHARACTERS);
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("nats", nats / tokens);
        figures.put("bits-per-character", nats / Math.log(2) / characters);
        figures.put("perplexity", Math.exp(nats / tokens));
        JsonObject more = new JsonObject();
        more.addProperty("tokens", (long) tokens);
        more.addProperty("characters", (long) characters);
        more.addProperty(
                "unknown",
                Arrays.stream(text.lines(rows))
                        .flatMapToInt(Arrays::stream)
                        .filter(id -> id == 0)
                        .count());
        return new Score(figures, more);
    }

    @Override
    public boolean higherIsBetter() {
        return false;
    }

    @Override
    public String counted(int rows) {
        return rows + (rows == 1 ? " line" : " lines");
    }

    @Override
    public List<String> header() {
        return List.of("line", "nats", "tokens", "perplexity");
    }

    /** A line for each row, then one for all of them. */
    @Override
    public List<List<String>> lines(Rows rows, double[][] answers) {
        List<List<String>> lines = new ArrayList<>();
        for (int i = 0; i < answers.length; i++) {
            lines.add(line(Integer.toString(rows.index(i) + 1), answers[i][NATS], answers[i][TOKENS]));
        }
        lines.add(line("total", sum(answers, NATS), sum(answers, TOKENS)));
        return lines;
    }

    private static List<String> line(String name, double nats, double tokens) {
        return List.of(
                name,
                String.format(Locale.ROOT, "%.4f", nats),
                Long.toString((long) tokens),
                String.format(Locale.ROOT, "%.4f", Math.exp(nats / tokens)));
    }
}
