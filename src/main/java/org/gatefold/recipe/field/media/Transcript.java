package org.gatefold.recipe.field.media;

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
import org.gatefold.data.audio.AudioTable;
import org.gatefold.data.table.Table;
import org.gatefold.file.JsonFields;
import org.gatefold.model.Model;
import org.gatefold.recipe.field.Answer;
import org.gatefold.recipe.field.Baseline;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Score;
import org.gatefold.recipe.field.Target;
import org.gatefold.recipe.field.picture.Picture;
import org.gatefold.recipe.field.picture.Spectrogram;
import org.gatefold.train.metric.EditDistance;

/**
 * A column of texts that are said in sequences, unit by unit and without times. Units, characters or whole words, are those of the training
 * rows; others are left out where rows are learnt from, and count as errors where they are measured. Answers are ids of units, from 1 on, and
 * behind all of them the step of each.
 */
public abstract sealed class Transcript implements Target permits CtcTranscript, AttentionTranscript {
    /** Rows whose outputs are held at a time. */
    static final int AT_ONCE = 64;

    private final Wording wording;
    private final double stepSeconds;

    /** What a text is written in. */
    public enum Units {
        /** Any word can be written of these. */
        CHARACTERS,
        /** The words of the training rows, and no others: a task that has few of them. */
        WORDS;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    Transcript(Wording wording, double stepSeconds) {
        this.wording = wording;
        this.stepSeconds = stepSeconds;
    }

    @Override
    public abstract Transcript fit(Rows training);

    @Override
    public abstract Transcript restored(JsonFields state);

    final Wording wording() {
        return wording;
    }

    /** The time from a step to the next. */
    final double stepSeconds() {
        return stepSeconds;
    }

    @Override
    public final String name() {
        return "text";
    }

    @Override
    public String summary() {
        return wording.summary();
    }

    @Override
    public JsonObject state() {
        return wording.state();
    }

    @Override
    public final boolean isKnown(Table table) {
        return table.has(wording.column());
    }

    @Override
    public final List<Baseline> baselines() {
        return List.of(SpeechBaselines.frequentTranscript());
    }

    /** The word error rate, which may be above 1, the same of characters, and the share of rows that are right to the letter. */
    @Override
    public final Score score(Rows rows, double[][] answers) {
        List<String> wanted = wording.texts(rows);
        Errors ofWords = new Errors();
        Errors ofCharacters = new Errors();
        int right = 0;
        for (int i = 0; i < answers.length; i++) {
            String found = wording.text(answers[i]);
            ofWords.add(Wording.words(wanted.get(i)), Wording.words(found));
            ofCharacters.add(Wording.characters(wanted.get(i)), Wording.characters(found));
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
    public final boolean higherIsBetter() {
        return false;
    }

    @Override
    public final String counted(int rows) {
        return rows + (rows == 1 ? " recording" : " recordings");
    }

    @Override
    public final List<String> header() {
        return List.of("row", name(), "starts", "actual");
    }

    /** The time at which each word begins, in seconds, between blanks. */
    private String starts(double... answer) {
        return wording.marks(answer).stream()
                .map(mark -> String.format(Locale.ROOT, "%.2f", mark.step() * stepSeconds))
                .collect(Collectors.joining(" "));
    }

    /** The spectrum of each recording with the words where they begin. */
    @Override
    public List<Picture> found(Model model, Fields fields, Rows rows) {
        double[][] answers = answers(model, fields, rows);
        return IntStream.range(0, answers.length)
                .mapToObj(i -> spectrogram(rows, i, answers[i]))
                .toList();
    }

    /** The spectrum of one of some recordings with the words of its answer where they begin. */
    final Picture spectrogram(Rows rows, int place, double... answer) {
        AudioTable recordings = (AudioTable) rows.table();
        int row = rows.index(place);
        return new Spectrogram(
                "row-" + (row + 1),
                "Recording " + recordings.rowName(row),
                stepSeconds,
                recordings.logMel(row),
                wording.marks(answer));
    }

    @Override
    public final Optional<Answer.Kind> says() {
        return Optional.of(Answer.Kind.TEXT);
    }

    @Override
    public final List<Answer> said(Rows rows, double[][] answers) {
        return Arrays.stream(answers)
                .<Answer>map(answer -> new Answer.Text(wording.text(answer)))
                .toList();
    }

    @Override
    public final List<List<String>> lines(Rows rows, double[][] answers) {
        List<String> actual = isKnown(rows.table()) ? wording.texts(rows) : null;
        List<List<String>> lines = new ArrayList<>();
        for (int i = 0; i < answers.length; i++) {
            lines.add(List.of(
                    rows.table().rowName(rows.index(i)),
                    wording.text(answers[i]),
                    starts(answers[i]),
                    actual == null ? "" : actual.get(i)));
        }
        return lines;
    }
}
