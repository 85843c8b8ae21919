package org.gatefold.recipe.speech;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.gatefold.data.audio.AudioTable;
import org.gatefold.data.table.Table;
import org.gatefold.recipe.Recipe;
import org.gatefold.recipe.RecipeDescription;
import org.gatefold.recipe.SoundOptions;
import org.gatefold.recipe.TrainingLength;
import org.gatefold.recipe.field.media.AttentionTranscript;
import org.gatefold.recipe.field.media.CtcTranscript;
import org.gatefold.recipe.field.media.Transcript;
import org.gatefold.recipe.field.media.WordKnowledge;
import org.gatefold.recipe.option.Option;
import org.gatefold.recipe.option.Options;
import org.gatefold.recipe.option.TextOptions;
import org.gatefold.recipe.option.UsageException;

/**
 * Writes what is said in a recording, by characters or words: convolutions over time find features in log-mel spectra, a bidirectional
 * LSTM reads them, or one that hears forward alone, and connectionist temporal classification finds where each of these stands, or a
 * decoder with attention writes them one after the other.
 */
public final class Speech implements Recipe {
    private static final int ATTENTION_BEAM = 4;

    private static final Option<Decoder> DECODER = Option.choice(
                    "decoder",
                    "KIND",
                    Decoder.class,
                    "How a text is found: ctc, by connectionist temporal classification of steps, or attention, by a network that writes it"
                            + " and looks at what was heard.")
            .orAlways(Decoder.CTC);

    private static final Option<Integer> BEAM = Option.integer(
                    "beam",
                    "N",
                    "Hypotheses that the search for a text keeps; 1 for the likeliest path alone. There is a search of 16 where n-grams, a"
                            + " lexicon or several members are asked, and of " + ATTENTION_BEAM + " with attention.")
            .expecting("1 to 1000", value -> value >= 1 && value <= 1000)
            .or(1);

    private static final Option<String> MODEL = Option.text(
                    "lm",
                    "FILE",
                    "N-grams of words that the search asks, in the ARPA format; they become a part of the model.")
            .expecting("the path of a file", Speech::isPath);

    private static final Option<Integer> ORDER = Option.integer(
                    "lm-order",
                    "N",
                    "Without a file: words of the n-grams that are learnt from the texts of the training part; 0 for none.")
            .expecting("0 to 8", value -> value >= 0 && value <= 8)
            .orAlways(0);

    private static final Option<Double> WEIGHT = Option.real(
                    "lm-weight",
                    "W",
                    "What the logarithm of a text's probability by n-grams counts beside that by the sound.")
            .atLeast(0)
            .orAlways(0.5);

    private static final Option<Double> BONUS = Option.real(
                    "word-bonus", "B", "What each word adds to that sum, which makes up for what n-grams take.")
            .orAlways(0.0);

    private static final Option<String> LEXICON = Option.text(
                    "lexicon",
                    "FILE",
                    "The only words that are written: those of a file, one a line, or '" + WordKnowledge.OF_TRAINING
                            + "' for those of the training part.")
            .expecting("the path of a file", Speech::isPath);

    private static final Option<Transcript.Units> UNITS = Option.choice(
                    "units",
                    "KIND",
                    Transcript.Units.class,
                    "What texts are written in: characters, or words, those of the training part alone, where there are few.")
            .orAlways(Transcript.Units.CHARACTERS);

    private static final Option<Double> SMOOTHING = TextOptions.SMOOTHING.formerly(TextOptions.SMOOTHING.fallback());

    private static final TrainingLength LENGTH = new TrainingLength(4000, 10, 40);

    private static final double MILLIS = 1000;

    @Override
    public RecipeDescription describe() {
        return SoundOptions.recordings(Recipe.named("speech")
                        .options(
                                DECODER,
                                BEAM,
                                UNITS,
                                SMOOTHING,
                                MODEL,
                                ORDER,
                                WEIGHT,
                                BONUS,
                                LEXICON,
                                SoundOptions.STREAMING))
                .withMembers()
                .says("Writes what is said in a recording.")
                .data("/org/gatefold/data/calls.csv.gz")
                .synthetic()
                .input(o -> o.get(DECODER).input(SoundOptions.sound(o)))
                .target(Speech::transcript)
                .network((o, fields, inputs) -> o.get(DECODER).network(o, fields, inputs))
                .defaults(o -> o.hidden(64).dropout(0.3).batch(16))
                .note(
                        "Data is a list of recordings in CSV with the columns path and text, or a folder of them, with what is said in"
                                + " their names by --label-pattern.")
                .note(LENGTH.note());
    }

    private static Transcript transcript(Options options) {
        double step = options.get(SoundOptions.HOP) / MILLIS;
        return options.get(DECODER) == Decoder.ATTENTION
                ? AttentionTranscript.column(
                        AudioTable.LABEL,
                        options.get(UNITS),
                        options.get(BEAM),
                        options.get(SMOOTHING).floatValue(),
                        step)
                : CtcTranscript.column(AudioTable.LABEL, options.get(UNITS), options.get(BEAM), step)
                        .with(knowledge(options));
    }

    @Override
    public Options complete(Options options, Table data, boolean sample) {
        requireFor(options.get(DECODER), options);
        Options found = (options.get(DECODER) == Decoder.ATTENTION ? options.with(BEAM, ATTENTION_BEAM) : options)
                .absolute(MODEL);
        boolean isFile = !found.find(LEXICON).equals(Optional.of(WordKnowledge.OF_TRAINING));
        return SoundOptions.complete(isFile ? found.absolute(LEXICON) : found, data, LENGTH);
    }

    /** Checks that no option is given that only the other way to find a text has. */
    private static void requireFor(Decoder decoder, Options options) {
        boolean writes = decoder == Decoder.ATTENTION;
        List<Option<?>> ofOther =
                writes ? List.of(SoundOptions.STREAMING, MODEL, ORDER, WEIGHT, BONUS, LEXICON) : List.of(SMOOTHING);
        for (Option<?> option : ofOther) {
            if (options.isGiven(option)) {
                throw new UsageException("expected " + DECODER + " " + (writes ? "ctc" : "attention") + " beside "
                        + option + ", got " + (writes ? "attention" : "ctc"));
            }
        }
    }

    private static boolean isPath(String text) {
        try {
            return !text.isBlank() && !Path.of(text).toString().isEmpty();
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private static WordKnowledge knowledge(Options options) {
        WordKnowledge known =
                WordKnowledge.none().order(options.get(ORDER)).weights(options.get(WEIGHT), options.get(BONUS));
        Optional<String> lexicon = options.find(LEXICON);
        WordKnowledge bounded = lexicon.isPresent() ? known.lexicon(lexicon.get()) : known;
        Optional<String> file = options.find(MODEL);
        return file.isPresent() ? bounded.file(Path.of(file.get())) : bounded;
    }
}
