package org.gatefold.recipe.field.media;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.data.audio.AudioTable;
import org.gatefold.data.table.Table;
import org.gatefold.decode.CtcDecoder;
import org.gatefold.decode.CtcHypothesis;
import org.gatefold.decode.CtcStream;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.layer.Layer;
import org.gatefold.layer.basic.Linear;
import org.gatefold.model.Model;
import org.gatefold.model.Prediction;
import org.gatefold.recipe.field.Answer;
import org.gatefold.recipe.field.Baseline;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Score;
import org.gatefold.recipe.field.Target;
import org.gatefold.recipe.field.picture.Picture;
import org.gatefold.recipe.field.picture.Spectrogram;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.metric.EditDistance;
import org.gatefold.train.metric.Metric;

/**
 * A column of texts that are said in sequences, unit by unit and without times, as connectionist temporal classification learns them
 * (Graves et al. 2006): class 0 stands for no unit. Units, characters or whole words, are those of the training rows; others are left out
 * where rows are learnt from, and count as errors where they are measured. Answers are ids of units, and behind all of them the step of
 * each.
 */
public final class Transcript implements Target {
    private static final int BLANK = 0;

    /** Rows whose outputs are held at a time. */
    private static final int AT_ONCE = 64;

    private final String column;
    private final int width;
    private final double stepSeconds;
    private final Units kind;
    private final WordKnowledge knowledge;
    private final List<String> units;

    /** What a text is written in. */
    public enum Units {
        /** Any word can be written of these. */
        CHARACTERS,
        /** The words of the training rows, and no others: a task that has few of them. */
        WORDS;

        private String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private Transcript(
            String column, int width, double stepSeconds, Units kind, WordKnowledge knowledge, List<String> units) {
        this.column = column;
        this.width = width;
        this.stepSeconds = stepSeconds;
        this.kind = kind;
        this.knowledge = knowledge;
        this.units = List.copyOf(units);
    }

    /**
     * The texts of a column.
     *
     * @param width hypotheses that a prefix beam search keeps; 1 for the likeliest path alone, or for those of {@link CtcDecoder} where
     *     there must be a search
     * @param stepSeconds the time from a step to the next
     */
    public static Transcript column(String column, int width, double stepSeconds) {
        return new Transcript(column, width, stepSeconds, Units.CHARACTERS, WordKnowledge.none(), List.of());
    }

    /** The texts are written in such units; characters by default. */
    public Transcript in(Units each) {
        return new Transcript(column, width, stepSeconds, each, knowledge, List.of());
    }

    /** Texts are searched for by what is known of words, too; by nothing by default. */
    public Transcript with(WordKnowledge words) {
        return new Transcript(column, width, stepSeconds, kind, words, List.of());
    }

    @Override
    public String name() {
        return "text";
    }

    private List<String> texts(Rows rows) {
        return rows.text(column).stream()
                .map(text -> text.strip().replaceAll("\\s+", " "))
                .toList();
    }

    private List<String> units(String text) {
        return kind == Units.WORDS ? words(text) : characters(text);
    }

    private static List<String> characters(String text) {
        return text.codePoints().mapToObj(Character::toString).toList();
    }

    private static List<String> words(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split(" "));
    }

    @Override
    public Transcript fit(Rows training) {
        List<String> said = texts(training);
        List<String> found = said.stream()
                .flatMap(text -> units(text).stream())
                .distinct()
                .sorted()
                .toList();
        if (found.isEmpty()) {
            throw new IllegalArgumentException(training.table().source() + ", column '" + column
                    + "': expected texts to train on, got empty ones");
        }
        return fitted(knowledge.fit(said.stream().map(Transcript::words).toList()), found);
    }

    private Transcript fitted(WordKnowledge words, List<String> found) {
        return new Transcript(column, width, stepSeconds, kind, words, found);
    }

    @Override
    public Column encode(Rows rows) {
        return Column.tokens(Dataset.TARGET, texts(rows).stream().map(this::ids).toArray(int[][]::new));
    }

    private int[] ids(String text) {
        return units(text).stream()
                .mapToInt(unit -> units.indexOf(unit) + 1)
                .filter(id -> id != BLANK)
                .toArray();
    }

    @Override
    public String summary() {
        return units.size() + " " + kind.label() + knowledge.summary();
    }

    @Override
    public JsonObject state() {
        JsonArray all = new JsonArray();
        units.forEach(all::add);
        JsonObject state = Json.object(kind.label(), all);
        knowledge.addTo(state);
        return state;
    }

    @Override
    public Transcript restored(JsonFields state) {
        List<String> saved = state.textList(kind.label());
        if (saved.isEmpty()) {
            throw state.wrong(kind.label(), "expected at least one, got none", null);
        }
        return fitted(knowledge.restored(state), saved);
    }

    @Override
    public boolean isKnown(Table table) {
        return table.has(column);
    }

    @Override
    public List<Layer> head() {
        return List.of(Linear.of(units.size() + 1));
    }

    /** Recordings too short for what is said in them teach nothing. */
    @Override
    public Loss loss() {
        return Loss.ctc().blank(BLANK).zeroInfinity();
    }

    @Override
    public List<Metric> metrics() {
        return List.of(Metric.labelErrorRate(BLANK));
    }

    @Override
    public List<Baseline> baselines() {
        return List.of(SpeechBaselines.frequentTranscript());
    }

    /** The answer that a text is, without times. */
    double[] answer(String text) {
        int[] ids = ids(text);
        double[] answer = new double[2 * ids.length];
        for (int i = 0; i < ids.length; i++) {
            answer[i] = ids[i];
        }
        return answer;
    }

    /** The text that most of the rows have, the first of equally many. */
    String mostFrequent(Rows rows) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        texts(rows).forEach(text -> counts.merge(text, 1, Integer::sum));
        return counts.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey();
    }

    @Override
    public double[][] answers(Model model, Fields fields, Rows rows) {
        double[][] answers = new double[rows.size()][];
        CtcDecoder decoder = decoder();
        for (int from = 0; from < answers.length; from += AT_ONCE) {
            Rows some = rows.slice(from, Math.min(answers.length, from + AT_ONCE));
            Prediction prediction =
                    model.predict(fields.read(some)).values().iterator().next();
            float[][][] outputs = prediction.sequences();
            for (int i = 0; i < some.size(); i++) {
                answers[from + i] = answer(found(decoder, outputs[i]));
            }
        }
        return answers;
    }

    private CtcDecoder decoder() {
        CtcDecoder plain = CtcDecoder.create().blank(BLANK);
        CtcDecoder wide = width == 1 ? plain : plain.width(width);
        return knowledge.isAny() ? wide.labelModel(knowledge.scores(units, kind == Units.WORDS), 1) : wide;
    }

    /** @param outputs {@code [step][class]} of each member side by side, or of one model */
    private CtcHypothesis found(CtcDecoder decoder, float[]... outputs) {
        int classes = units.size() + 1;
        int members = outputs.length == 0 ? 1 : outputs[0].length / classes;
        if (!isSearched(members)) {
            return decoder.greedy(outputs);
        }
        List<float[][]> each = IntStream.range(0, members)
                .mapToObj(member -> Arrays.stream(outputs)
                        .map(step -> Arrays.copyOfRange(step, member * classes, (member + 1) * classes))
                        .toArray(float[][]::new))
                .toList();
        return decoder.search(each).get(0);
    }

    /** What outputs of one network say that come one after the other. One thread. */
    public final class Hearing {
        private final CtcDecoder decoder = decoder();
        private final CtcStream path = decoder.stream();
        private final List<float[]> all = new ArrayList<>();

        private Hearing() {}

        /** Takes steps of outputs, {@code [step][class]}. */
        public void take(float[]... outputs) {
            path.take(outputs);
            if (isSearched(1)) {
                all.addAll(Arrays.asList(outputs));
            }
        }

        /** The words so far, by the likeliest path. */
        public List<Spectrogram.Mark> soFar() {
            return marks(answer(path.found()));
        }

        /** All words: those that are answered for the recording at once. */
        public List<Spectrogram.Mark> end() {
            return all.isEmpty() ? soFar() : marks(answer(Transcript.this.found(decoder, all.toArray(float[][]::new))));
        }
    }

    /** Hears a recording while it goes on. */
    public Hearing hearing() {
        return new Hearing();
    }

    private boolean isSearched(int members) {
        return members > 1 || width > 1 || knowledge.isAny();
    }

    /** Members find the same at steps of their own: each must be heard by itself. */
    @Override
    public boolean hearsMembersApart() {
        return true;
    }

    private static double[] answer(CtcHypothesis found) {
        int[] labels = found.labels();
        int[] steps = found.steps();
        double[] answer = new double[2 * labels.length];
        for (int i = 0; i < labels.length; i++) {
            answer[i] = labels[i];
            answer[labels.length + i] = steps[i];
        }
        return answer;
    }

    private String text(double... answer) {
        return IntStream.range(0, answer.length / 2)
                .mapToObj(i -> units.get((int) answer[i] - 1))
                .collect(Collectors.joining(kind == Units.WORDS ? " " : ""))
                .strip()
                .replaceAll(" +", " ");
    }

    /** The word error rate, which may be above 1, the same of characters, and the share of rows that are right to the letter. */
    @Override
    public Score score(Rows rows, double[][] answers) {
        List<String> wanted = texts(rows);
        Errors ofWords = new Errors();
        Errors ofCharacters = new Errors();
        int right = 0;
        for (int i = 0; i < answers.length; i++) {
            String found = text(answers[i]);
            ofWords.add(words(wanted.get(i)), words(found));
            ofCharacters.add(characters(wanted.get(i)), characters(found));
            right += found.equals(wanted.get(i)) ? 1 : 0;
        }
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("wer", ofWords.rate());
        figures.put("cer", ofCharacters.rate());
        figures.put("accuracy", (double) right / answers.length);
        JsonObject more = new JsonObject();
        more.add("words", ofWords.json());
        more.add("characters", ofCharacters.json());
        return new Score(figures, more);
    }

    /** Errors of alignments, counted. */
    private static final class Errors {
        private final Map<EditDistance.Edit, Integer> counts = new EnumMap<>(EditDistance.Edit.class);
        private int errors;
        private int wanted;

        private void add(List<String> expected, List<String> found) {
            EditDistance distance = EditDistance.of(expected, found);
            wanted += distance.wanted();
            errors += distance.errors();
            for (EditDistance.Edit edit : EditDistance.Edit.values()) {
                counts.merge(edit, distance.count(edit), Integer::sum);
            }
        }

        private double rate() {
            return (double) errors / Math.max(1, wanted);
        }

        private JsonObject json() {
            JsonObject json = new JsonObject();
            for (EditDistance.Edit edit : EditDistance.Edit.values()) {
                json.addProperty(edit.name().toLowerCase(Locale.ROOT), counts.getOrDefault(edit, 0));
            }
            return json;
        }
    }

    @Override
    public boolean higherIsBetter() {
        return false;
    }

    @Override
    public String counted(int rows) {
        return rows + (rows == 1 ? " recording" : " recordings");
    }

    @Override
    public List<String> header() {
        return List.of("row", name(), "starts", "actual");
    }

    /** The words of an answer with the step at which each begins. */
    private List<Spectrogram.Mark> marks(double... answer) {
        List<Spectrogram.Mark> marks = new ArrayList<>();
        int count = answer.length / 2;
        StringBuilder word = new StringBuilder();
        int from = 0;
        for (int i = 0; i < count; i++) {
            String unit = units.get((int) answer[i] - 1);
            boolean blank = unit.equals(" ");
            if (!blank) {
                from = word.length() == 0 ? (int) answer[count + i] : from;
                word.append(unit);
            }
            if (word.length() > 0 && (blank || kind == Units.WORDS || i == count - 1)) {
                marks.add(new Spectrogram.Mark(from, word.toString()));
                word.setLength(0);
            }
        }
        return marks;
    }

    /** The time at which each word begins, in seconds, between blanks. */
    private String starts(double... answer) {
        return marks(answer).stream()
                .map(mark -> String.format(Locale.ROOT, "%.2f", mark.step() * stepSeconds))
                .collect(Collectors.joining(" "));
    }

    /** The spectrum of each recording with the words where they begin. */
    @Override
    public List<Picture> found(Model model, Fields fields, Rows rows) {
        AudioTable recordings = (AudioTable) rows.table();
        double[][] answers = answers(model, fields, rows);
        List<Picture> pictures = new ArrayList<>();
        for (int i = 0; i < answers.length; i++) {
            int row = rows.index(i);
            String title = "Recording " + recordings.rowName(row);
            pictures.add(
                    new Spectrogram("row-" + (row + 1), title, stepSeconds, recordings.logMel(row), marks(answers[i])));
        }
        return pictures;
    }

    @Override
    public Optional<Answer.Kind> says() {
        return Optional.of(Answer.Kind.TEXT);
    }

    @Override
    public List<Answer> said(Rows rows, double[][] answers) {
        return Arrays.stream(answers)
                .<Answer>map(answer -> new Answer.Text(text(answer)))
                .toList();
    }

    @Override
    public List<List<String>> lines(Rows rows, double[][] answers) {
        List<String> actual = isKnown(rows.table()) ? texts(rows) : null;
        List<List<String>> lines = new ArrayList<>();
        for (int i = 0; i < answers.length; i++) {
            lines.add(List.of(
                    rows.table().rowName(rows.index(i)),
                    text(answers[i]),
                    starts(answers[i]),
                    actual == null ? "" : actual.get(i)));
        }
        return lines;
    }
}
