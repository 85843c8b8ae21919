package org.gatefold.recipe;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.List;
import org.gatefold.data.audio.LogMelStream;
import org.gatefold.model.Model;
import org.gatefold.model.ModelStream;
import org.gatefold.recipe.field.media.CtcTranscript;
import org.gatefold.recipe.field.media.Sound;
import org.gatefold.recipe.field.picture.Spectrogram;

/**
 * Writes down speech while it is spoken, by a model of {@code train speech --streaming}: samples come in pieces of any size, states are carried
 * on the device, and at the end the text is that of {@link TrainedModel#predict} for the whole recording.
 *
 * <p>Owns a {@link ModelStream}; close it before its {@link TrainedModel}. One thread at a time.
 */
public final class SpeechStream implements AutoCloseable {
    private final Sound sound;
    private final CtcTranscript transcript;
    private final ModelStream model;
    private LogMelStream features;
    private CtcTranscript.Hearing hearing;

    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the field is closed by close()
    SpeechStream(Model model, Sound sound, CtcTranscript transcript) {
        this.sound = sound;
        this.transcript = transcript;
        this.features = new LogMelStream(sound.way());
        this.hearing = transcript.hearing();
        this.model = model.stream(1);
    }

    /**
     * A word.
     *
     * @param seconds from the start of the recording to where it begins
     * @param text as it is written
     */
    public record Word(double seconds, String text) {}

    /** Samples of a second that it takes. */
    public int rate() {
        return sound.way().rate();
    }

    /**
     * Hears the next samples.
     *
     * @param samples of full scale -1 to 1
     * @return the words so far, by the likeliest path; the last may be still to be ended
     */
    public List<Word> hear(float... samples) {
        take(features.take(samples));
        return words(hearing.soFar());
    }

    /** Ends the recording: its words, as they are answered for all of it at once. Another one begins. */
    public List<Word> end() {
        take(features.end());
        List<Word> words = words(hearing.end());
        features = new LogMelStream(sound.way());
        hearing = transcript.hearing();
        model.reset();
        return words;
    }

    private void take(float[]... logMel) {
        if (logMel.length > 0) {
            hearing.take(model.chunk(new float[][][] {sound.features(logMel)})[0]);
        }
    }

    private List<Word> words(List<Spectrogram.Mark> marks) {
        double hop = sound.way().hopMillis() / 1000;
        return marks.stream()
                .map(mark -> new Word(mark.step() * hop, mark.word()))
                .toList();
    }

    /** Frees the states. */
    @Override
    public void close() {
        model.close();
    }
}
