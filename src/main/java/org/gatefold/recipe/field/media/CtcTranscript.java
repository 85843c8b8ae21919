package org.gatefold.recipe.field.media;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.decode.CtcDecoder;
import org.gatefold.decode.CtcHypothesis;
import org.gatefold.decode.CtcStream;
import org.gatefold.file.JsonFields;
import org.gatefold.layer.Layer;
import org.gatefold.layer.basic.Linear;
import org.gatefold.model.Model;
import org.gatefold.model.Prediction;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.picture.Spectrogram;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.metric.Metric;

/** A {@link Transcript} as connectionist temporal classification learns it (Graves et al. 2006): class 0 stands for no unit. */
public final class CtcTranscript extends Transcript {
    private static final int BLANK = 0;

    private final int width;
    private final WordKnowledge knowledge;

    private CtcTranscript(Wording wording, double stepSeconds, int width, WordKnowledge knowledge) {
        super(wording, stepSeconds);
        this.width = width;
        this.knowledge = knowledge;
    }

    /**
     * The texts of a column.
     *
     * @param units that they are written in
     * @param width hypotheses that a prefix beam search keeps; 1 for the likeliest path alone, or for those of {@link CtcDecoder} where
     *     there must be a search
     * @param stepSeconds the time from a step to the next
     */
    public static CtcTranscript column(String column, Units units, int width, double stepSeconds) {
        return new CtcTranscript(new Wording(column, units, List.of()), stepSeconds, width, WordKnowledge.none());
    }

    /** Texts are searched for by what is known of words, too; by nothing by default. */
    public CtcTranscript with(WordKnowledge words) {
        return fitted(words, wording());
    }

    @Override
    public CtcTranscript fit(Rows training) {
        Wording found = wording().fit(training);
        return fitted(
                knowledge.fit(
                        wording().texts(training).stream().map(Wording::words).toList()),
                found);
    }

    private CtcTranscript fitted(WordKnowledge words, Wording found) {
        return new CtcTranscript(found, stepSeconds(), width, words);
    }

    @Override
    public String summary() {
        return super.summary() + knowledge.summary();
    }

    @Override
    public JsonObject state() {
        JsonObject state = super.state();
        knowledge.addTo(state);
        return state;
    }

    @Override
    public CtcTranscript restored(JsonFields state) {
        return fitted(knowledge.restored(state), wording().restored(state));
    }

    @Override
    public Column encode(Rows rows) {
        return Column.tokens(Dataset.TARGET, wording().ids(rows));
    }

    private int classes() {
        return wording().units().size() + 1;
    }

    @Override
    public List<Layer> head() {
        return List.of(Linear.of(classes()));
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

    private static double[] answer(CtcHypothesis found) {
        return Wording.answer(found.labels(), found.steps());
    }

    private CtcDecoder decoder() {
        CtcDecoder plain = CtcDecoder.create().blank(BLANK);
        CtcDecoder wide = width == 1 ? plain : plain.width(width);
        return knowledge.isAny()
                ? wide.labelModel(knowledge.scores(wording().units(), wording().kind() == Units.WORDS), 1)
                : wide;
    }

    /** @param outputs {@code [step][class]} of each member side by side, or of one model */
    private CtcHypothesis found(CtcDecoder decoder, float[]... outputs) {
        int classes = classes();
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

    private boolean isSearched(int members) {
        return members > 1 || width > 1 || knowledge.isAny();
    }

    /** Members find the same at steps of their own: each must be heard by itself. */
    @Override
    public boolean hearsMembersApart() {
        return true;
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
            return wording().marks(answer(path.found()));
        }

        /** All words: those that are answered for the recording at once. */
        public List<Spectrogram.Mark> end() {
            return all.isEmpty()
                    ? soFar()
                    : wording().marks(answer(CtcTranscript.this.found(decoder, all.toArray(float[][]::new))));
        }
    }

    /** Hears a recording while it goes on. */
    public Hearing hearing() {
        return new Hearing();
    }
}
