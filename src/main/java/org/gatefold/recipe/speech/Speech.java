package org.gatefold.recipe.speech;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.data.audio.AudioTable;
import org.gatefold.data.table.Table;
import org.gatefold.layer.Layer;
import org.gatefold.layer.basic.Dropout;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.recipe.Recipe;
import org.gatefold.recipe.RecipeDescription;
import org.gatefold.recipe.SoundOptions;
import org.gatefold.recipe.TrainingLength;
import org.gatefold.recipe.field.media.Transcript;
import org.gatefold.recipe.field.series.StepFeatures;
import org.gatefold.recipe.option.Option;
import org.gatefold.recipe.option.Options;

/**
 * Writes what is said in a recording, by characters or words: convolutions over time find features in log-mel spectra, a bidirectional
 * LSTM reads them, and connectionist temporal classification finds where each of these stands.
 */
public final class Speech implements Recipe {
    private static final Option<Integer> BEAM = Option.integer(
                    "beam", "N", "Hypotheses that the search for a text keeps; 1 for the likeliest path alone.")
            .expecting("1 to 1000", value -> value >= 1 && value <= 1000)
            .or(1);

    private static final Option<Transcript.Units> UNITS = Option.choice(
                    "units",
                    "KIND",
                    Transcript.Units.class,
                    "What texts are written in: characters, or words, those of the training part alone, where there are few.")
            .orAlways(Transcript.Units.CHARACTERS);

    private static final TrainingLength LENGTH = new TrainingLength(4000, 10, 40);

    private static final double MILLIS = 1000;

    @Override
    public RecipeDescription describe() {
        return SoundOptions.recordings(Recipe.named("speech").options(BEAM, UNITS))
                .says("Writes what is said in a recording.")
                .data("/org/gatefold/data/calls.csv.gz")
                .synthetic()
                .target(o -> Transcript.column(AudioTable.LABEL, o.get(BEAM), o.get(SoundOptions.HOP) / MILLIS)
                        .in(o.get(UNITS)))
                .network((o, fields) -> layers(o))
                .defaults(o -> o.hidden(64).dropout(0.3).batch(16))
                .note(
                        "Data is a list of recordings in CSV with the columns path and text, or a folder of them, with what is said in"
                                + " their names by --label-pattern.")
                .note(LENGTH.note());
    }

    @Override
    public Options complete(Options options, Table data, boolean sample) {
        return SoundOptions.complete(options, data, LENGTH);
    }

    private static List<Layer> layers(Options options) {
        List<Layer> layers = new ArrayList<>(StepFeatures.of(options.hidden()));
        layers.add(Dropout.of(options.dropout()));
        layers.add(options.stacked(Lstm.of(options.hidden())).bidirectional().returnSequences());
        layers.add(Dropout.of(options.dropout()));
        return layers;
    }
}
