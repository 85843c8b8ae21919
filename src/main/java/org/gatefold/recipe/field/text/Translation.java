package org.gatefold.recipe.field.text;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.gatefold.data.Column;
import org.gatefold.data.table.Table;
import org.gatefold.decode.BeamSearch;
import org.gatefold.file.JsonFields;
import org.gatefold.model.Model;
import org.gatefold.recipe.field.Answer;
import org.gatefold.recipe.field.Baseline;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Score;
import org.gatefold.recipe.field.Target;
import org.gatefold.recipe.field.WrittenTarget;
import org.gatefold.recipe.field.picture.Grid;
import org.gatefold.recipe.field.picture.Picture;
import org.gatefold.seq2seq.EncoderDecoder;
import org.gatefold.seq2seq.TeacherForcing;
import org.gatefold.seq2seq.Translator;
import org.gatefold.train.metric.Bleu;
import org.gatefold.train.metric.ChrF;

/**
 * A text that an {@link EncoderDecoder} writes for another, found by beam search; its only input is a {@link Text} called
 * {@value EncoderDecoder#SOURCE}. An answer holds the ids of its tokens, and parts of the source, as numbers below 0, where a token is
 * not known.
 */
public final class Translation implements WrittenTarget {
    private static final String START = "<s>";
    private static final String END = "</s>";
    private static final String LONGEST = "longest";
    private static final String LENGTH_POWER = "lengthPower";
    private static final Pattern BREAKS = Pattern.compile("\\R");

    /** Where references are of fewer tokens on average, most have no run of 4 that BLEU asks for. */
    private static final int FEWEST_TOKENS = 4;

    /** What is tried of {@link BeamSearch#lengthPower}; among equals the first is taken. */
    private static final float[] LENGTH_POWERS = {1f, 0.8f, 0.6f, 0.4f};

    /** Rows held back that are translated for each of them, at most. */
    private static final int MOST_TRIED = 1000;

    private final Text source;
    private final Text text;
    private final int width;
    private final float smoothing;
    private final float lengthPower;
    private final boolean choosesPower;
    private final int longest;

    /** @param choosesPower whether {@link #tuned} puts another in place of {@code lengthPower} */
    private Translation(
            Text source, Text text, int width, float smoothing, float lengthPower, boolean choosesPower, int longest) {
        this.source = source;
        this.text = text;
        this.width = width;
        this.smoothing = smoothing;
        this.lengthPower = lengthPower;
        this.choosesPower = choosesPower;
        this.longest = longest;
    }

    /**
     * A column to write for another; what scores of texts are divided by is chosen by the rows held back.
     *
     * @param width beginnings that a search goes on with, 1 for greedy decoding
     * @param smoothing of labels, 0 for none
     */
    public static Translation of(Text source, Text target, int width, float smoothing) {
        return new Translation(source, target.special(START, END), width, smoothing, LENGTH_POWERS[0], width > 1, 0);
    }

    /** The same with a power of its own for {@link BeamSearch#lengthPower}, by which texts are found whatever the rows held back are. */
    public Translation lengthPower(float power) {
        return found(power, false);
    }

    private Translation found(float power, boolean chooses) {
        return new Translation(source, text, width, smoothing, power, chooses, longest);
    }

    /** A source column as the network reads it: called {@value EncoderDecoder#SOURCE}, its ends marked. */
    public static Text source(Text column) {
        return column.named(EncoderDecoder.SOURCE).special(END).ended();
    }

    @Override
    public String name() {
        return text.column();
    }

    /** Its tokens and their ids. */
    public Text text() {
        return text;
    }

    /** The sources as they are read. */
    List<String> sources(Rows rows) {
        return source.texts(rows);
    }

    @Override
    public Translation fit(Rows training) {
        Text fitted = text.fit(training);
        int most = Translator.longest(fitted.ids(training));
        return new Translation(source, fitted, width, smoothing, lengthPower, choosesPower, most);
    }

    @Override
    public Column encode(Rows rows) {
        return TeacherForcing.next(text.ids(rows), EncoderDecoder.END);
    }

    /** What the decoder reads: its start, then the target. */
    @Override
    public List<Column> forced(Rows rows) {
        return List.of(TeacherForcing.previous(text.ids(rows), EncoderDecoder.START));
    }

    @Override
    public String summary() {
        String words = text.summary();
        return words.isEmpty() ? "" : "target " + words + (text.isLowerCased() ? " in lower case" : "");
    }

    @Override
    public JsonObject state() {
        JsonObject state = text.state();
        state.addProperty(LONGEST, longest);
        if (choosesPower) {
            state.addProperty(LENGTH_POWER, lengthPower);
        }
        return state;
    }

    @Override
    public Translation restored(JsonFields state) {
        return new Translation(
                source,
                text.restored(state),
                width,
                smoothing,
                choosesPower && state.has(LENGTH_POWER) ? (float) state.number(LENGTH_POWER, 0) : lengthPower,
                choosesPower,
                state.integer(LONGEST, 1, Integer.MAX_VALUE - 8));
    }

    /** Finds texts from here on by the power that translates the rows held back best. */
    @Override
    public Translation tuned(Model model, Fields fields, Rows heldBack) {
        if (!choosesPower) {
            return this;
        }
        Rows rows = heldBack.slice(0, Math.min(heldBack.size(), MOST_TRIED));
        Translation best = this;
        double highest = Double.NEGATIVE_INFINITY;
        for (float power : LENGTH_POWERS) {
            Translation tried = found(power, true);
            double score = score(rows, tried.answers(model, fields, rows)).first();
            if (score > highest) {
                highest = score;
                best = tried;
            }
        }
        return best;
    }

    @Override
    public Translation tunedAs(Target other, Model model) {
        return choosesPower ? found(((Translation) other).lengthPower, true) : this;
    }

    @Override
    public String remark(Score score) {
        return choosesPower && lengthPower != LENGTH_POWERS[0]
                ? String.format(
                        Locale.ROOT,
                        "found with a length penalty of %.1f, for the best score on the rows held back",
                        lengthPower)
                : "";
    }

    @Override
    public boolean isKnown(Table table) {
        return table.has(text.column());
    }

    @Override
    public float smoothing() {
        return smoothing;
    }

    @Override
    public List<Baseline> baselines() {
        return List.of(TextBaselines.copy(), TextBaselines.nearestSource(), TextBaselines.wordByWord());
    }

    @Override
    public double[][] answers(Model model, Fields fields, Rows rows) {
        return new TranslationSearch(model, (Text) fields.input(), rows, lengthPower)
                .best(1, width, longest).stream()
                        .map(found -> found.get(0).answer())
                        .toArray(double[][]::new);
    }

    /** Lines of row, score and text with a tab between, of each row the best first. */
    @Override
    public String ranked(Model model, Fields fields, Rows rows, int count) {
        List<List<TranslationSearch.Found>> all =
                new TranslationSearch(model, (Text) fields.input(), rows, lengthPower).best(count, width, longest);
        List<String> sources = sources(rows);
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < all.size(); i++) {
            for (TranslationSearch.Found found : all.get(i)) {
                lines.append(String.format(
                        Locale.ROOT, "%d\t%.4f\t%s\n", rows.index(i) + 1, found.score(), line(sources.get(i), found)));
            }
        }
        return lines.toString();
    }

    private String line(String read, TranslationSearch.Found found) {
        return BREAKS.matcher(text(read, found.answer())).replaceAll(" ");
    }

    @Override
    public List<Picture> found(Model model, Fields fields, Rows rows) {
        if (!model.module(EncoderDecoder.class).hasAttention()) {
            throw new IllegalArgumentException("--pictures: expected a model with attention, got one without");
        }
        Text reading = (Text) fields.input();
        double[][] answers = answers(model, fields, rows);
        int[][] sources = reading.ids(rows);
        List<Picture> pictures = new ArrayList<>();
        try (Translator translator = Translator.of(model)) {
            for (int i = 0; i < answers.length; i++) {
                int[] written = Arrays.stream(answers[i])
                        .mapToInt(number -> number < 0 ? 0 : (int) number)
                        .toArray();
                float[][] weights = translator.attention(new int[][] {sources[i]}, new int[][] {written})[0];
                String read = reading.texts(rows.slice(i, i + 1)).get(0);
                int row = rows.index(i) + 1;
                pictures.add(Grid.attention(
                        "row-" + row, row, seen(reading.tokens(read)), seen(tokens(read, answers[i])), weights));
            }
        }
        return pictures;
    }

    /** Tokens with the end, as they are shown: blanks are visible where there is nothing else. */
    private static List<String> seen(List<String> tokens) {
        return Stream.concat(tokens.stream(), Stream.of(END)).map(Grid::seen).toList();
    }

    private List<String> tokens(String read, double... answer) {
        return Arrays.stream(answer)
                .mapToObj(number -> number < 0
                        ? Copied.of(number).in(read)
                        : text.vocabulary().token((int) number))
                .toList();
    }

    private String text(String read, double... answer) {
        return text.text(tokens(read, answer));
    }

    private List<String> written(List<String> sources, double[]... answers) {
        List<String> texts = new ArrayList<>(answers.length);
        for (int i = 0; i < answers.length; i++) {
            texts.add(text(sources.get(i), answers[i]));
        }
        return texts;
    }

    /**
     * BLEU and chrF as sacreBLEU computes them, in lower case if that is written, and the share of rows that are right to the letter, but for
     * blanks. BLEU decides, unless references are too short for it.
     */
    @Override
    public Score score(Rows rows, double[][] answers) {
        List<String> wanted = text.texts(rows);
        List<String> found = written(sources(rows), answers);
        long tokens = 0;
        int right = 0;
        for (int i = 0; i < found.size(); i++) {
            tokens += Bleu.tokens(wanted.get(i)).size();
            right += words(found.get(i)).equals(words(wanted.get(i))) ? 1 : 0;
        }
        Map<String, Double> figures = new LinkedHashMap<>();
        boolean brief = tokens < (long) FEWEST_TOKENS * found.size();
        if (!brief) {
            figures.put("bleu", Bleu.of(found, wanted).score());
        }
        figures.put("chrf", ChrF.of(found, wanted));
        if (brief) {
            figures.put("bleu", Bleu.of(found, wanted).score());
        }
        figures.put("accuracy", (double) right / found.size());
        return new Score(figures, new JsonObject());
    }

    /** What is to be equal: what stands between blanks; of texts that lost their blanks when they were read, the same tokens. */
    private String words(String written) {
        return text.text(text.tokens(written)).strip().replaceAll("\\s+", " ");
    }

    @Override
    public boolean higherIsBetter() {
        return true;
    }

    @Override
    public String counted(int rows) {
        return rows + (rows == 1 ? " pair" : " pairs");
    }

    @Override
    public List<String> header() {
        return List.of("row", "source", "actual", "translation");
    }

    @Override
    public Optional<Answer.Kind> says() {
        return Optional.of(Answer.Kind.TEXT);
    }

    @Override
    public List<Answer> said(Rows rows, double[][] answers) {
        return written(sources(rows), answers).stream()
                .<Answer>map(Answer.Text::new)
                .toList();
    }

    @Override
    public List<List<String>> lines(Rows rows, double[][] answers) {
        List<String> read = sources(rows);
        List<String> actual = isKnown(rows.table()) ? rows.text(text.column()) : null;
        List<String> found = written(read, answers);
        List<List<String>> lines = new ArrayList<>();
        for (int i = 0; i < answers.length; i++) {
            lines.add(List.of(
                    Integer.toString(rows.index(i) + 1),
                    read.get(i),
                    actual == null ? "" : actual.get(i),
                    found.get(i)));
        }
        return lines;
    }

    /** One a line. */
    @Override
    public Optional<String> written(Rows rows, double[][] answers) {
        return Optional.of(written(sources(rows), answers).stream()
                .map(line -> BREAKS.matcher(line).replaceAll(" ") + "\n")
                .collect(Collectors.joining()));
    }

    @Override
    public Optional<String> kept() {
        return Optional.of("translations");
    }
}
