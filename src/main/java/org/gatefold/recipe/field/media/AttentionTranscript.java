package org.gatefold.recipe.field.media;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.gatefold.data.Column;
import org.gatefold.data.audio.AudioTable;
import org.gatefold.decode.BeamSearch;
import org.gatefold.file.JsonFields;
import org.gatefold.model.Model;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.WrittenTarget;
import org.gatefold.recipe.field.picture.Grid;
import org.gatefold.recipe.field.picture.Picture;
import org.gatefold.seq2seq.EncoderDecoder;
import org.gatefold.seq2seq.TeacherForcing;
import org.gatefold.seq2seq.Translator;

/**
 * A {@link Transcript} that an {@link EncoderDecoder} writes unit by unit, with attention to what it heard (Chan et al. 2016), found by beam
 * search; its only input is called {@value EncoderDecoder#SOURCE}. Id 0 begins and ends a text. The step of a unit is the one that was
 * attended to most when it was written.
 */
public final class AttentionTranscript extends Transcript implements WrittenTarget {
    private static final int EDGE = 0;
    private static final String END = "</s>";
    private static final String LONGEST = "longest";

    private final int width;
    private final float smoothing;
    private final int longest;

    private AttentionTranscript(Wording wording, double stepSeconds, int width, float smoothing, int longest) {
        super(wording, stepSeconds);
        this.width = width;
        this.smoothing = smoothing;
        this.longest = longest;
    }

    /**
     * The texts of a column.
     *
     * @param units that they are written in
     * @param width beginnings that a search goes on with, 1 for greedy decoding
     * @param smoothing of labels, 0 for none
     * @param stepSeconds the time from a step to the next
     */
    public static AttentionTranscript column(
            String column, Units units, int width, float smoothing, double stepSeconds) {
        return new AttentionTranscript(new Wording(column, units, List.of()), stepSeconds, width, smoothing, 0);
    }

    @Override
    public AttentionTranscript fit(Rows training) {
        Wording found = wording().fit(training);
        return fitted(found, Translator.longest(found.ids(training)));
    }

    private AttentionTranscript fitted(Wording found, int most) {
        return new AttentionTranscript(found, stepSeconds(), width, smoothing, most);
    }

    @Override
    public JsonObject state() {
        JsonObject state = super.state();
        state.addProperty(LONGEST, longest);
        return state;
    }

    @Override
    public AttentionTranscript restored(JsonFields state) {
        return fitted(wording().restored(state), state.integer(LONGEST, 1, Integer.MAX_VALUE - 8));
    }

    /**
     * A network that writes these texts, to be described further.
     *
     * @param features of a step that is heard
     */
    public EncoderDecoder.Builder network(int features) {
        return EncoderDecoder.ofFeatures(features, wording().units().size() + 1).symbols(EDGE, EDGE);
    }

    @Override
    public Column encode(Rows rows) {
        return TeacherForcing.next(wording().ids(rows), EDGE);
    }

    /** What the decoder reads: its start, then the text. */
    @Override
    public List<Column> forced(Rows rows) {
        return List.of(TeacherForcing.previous(wording().ids(rows), EDGE));
    }

    @Override
    public float smoothing() {
        return smoothing;
    }

    @Override
    public double[][] answers(Model model, Fields fields, Rows rows) {
        return written(model, fields, rows).stream().map(Written::answer).toArray(double[][]::new);
    }

    /**
     * What was written for a recording.
     *
     * @param answer ids and steps
     * @param weights {@code [unit][step of the encoder]}, those of the end behind all units
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Written(double[] answer, float[][] weights) {}

    private List<Written> written(Model model, Fields fields, Rows rows) {
        List<Written> all = new ArrayList<>();
        try (Translator translator = Translator.of(model)) {
            BeamSearch search = translator.search(width).meanLogProbability().maxLength(longest);
            for (int from = 0; from < rows.size(); from += AT_ONCE) {
                Column heard = fields.input().encode(rows.slice(from, Math.min(rows.size(), from + AT_ONCE)));
                int[][] ids = translator.translate(heard, search).stream()
                        .map(found -> found.get(0).tokens())
                        .toArray(int[][]::new);
                float[][][] weights = translator.attention(heard, ids);
                for (int i = 0; i < ids.length; i++) {
                    int[] steps = attendedMost(ids[i].length, heard.steps(i), weights[i]);
                    all.add(new Written(Wording.answer(ids[i], steps), weights[i]));
                }
            }
        }
        return all;
    }

    /** For each unit the step, of so many that were heard, that was attended to most. */
    private static int[] attendedMost(int units, int steps, float[]... weights) {
        return IntStream.range(0, units)
                .map(unit -> {
                    float[] of = weights[unit];
                    int most =
                            IntStream.range(0, of.length).reduce(0, (best, step) -> of[step] > of[best] ? step : best);
                    return most * steps / of.length;
                })
                .toArray();
    }

    /** The spectrum of each recording with the words where they begin, then what was attended to for each unit. */
    @Override
    public List<Picture> found(Model model, Fields fields, Rows rows) {
        List<Written> written = written(model, fields, rows);
        List<Picture> pictures = new ArrayList<>();
        for (int i = 0; i < written.size(); i++) {
            Written of = written.get(i);
            int row = rows.index(i) + 1;
            pictures.add(spectrogram(rows, i, of.answer()));
            pictures.add(Grid.attention(
                    "row-" + row + "-attention",
                    row,
                    times(((AudioTable) rows.table()).logMel(rows.index(i)).length, of.weights()[0].length),
                    Stream.concat(wording().units(of.answer()).stream(), Stream.of(END))
                            .map(Grid::seen)
                            .toList(),
                    of.weights()));
        }
        return pictures;
    }

    /** The names of so many parts of a recording of steps: the second of each that one of its tenths lies in. */
    private List<String> times(int steps, int parts) {
        List<String> names = new ArrayList<>();
        long before = -1;
        for (int part = 0; part < parts; part++) {
            double seconds = (double) part * steps / parts * stepSeconds();
            long tenth = (long) (seconds * 10);
            names.add(tenth > before ? String.format(Locale.ROOT, "%.1f", tenth / 10.0) : " ");
            before = tenth;
        }
        return names;
    }
}
