package org.gatefold.recipe.audio;

import java.util.List;
import org.gatefold.data.audio.AudioTable;
import org.gatefold.data.table.Table;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.recipe.Recipe;
import org.gatefold.recipe.RecipeDescription;
import org.gatefold.recipe.SoundOptions;
import org.gatefold.recipe.TrainingLength;
import org.gatefold.recipe.field.label.Category;
import org.gatefold.recipe.field.label.ClassBaselines;
import org.gatefold.recipe.field.media.Sound;
import org.gatefold.recipe.field.series.StepFeatures;
import org.gatefold.recipe.option.Option;
import org.gatefold.recipe.option.Options;

/**
 * Tells the class of a recording: convolutions over time find features in log-mel spectra, a bidirectional LSTM reads them, and the
 * largest of each unit's outputs over time decide, or a mean by attention.
 */
public final class Audio implements Recipe {
    private static final Option<StepPooling> POOLING = Option.choice(
                    "pooling",
                    "WAY",
                    StepPooling.class,
                    "How steps become one answer: max, the largest output of each unit, or attention, a learnt mean.")
            .or(StepPooling.MAX);

    /** Cepstral coefficients by which recordings are compared without a network. */
    private static final int COMPARED = 13;

    private static final TrainingLength LENGTH = new TrainingLength(3000, 10, 30);

    @Override
    public RecipeDescription describe() {
        return SoundOptions.recordings(Recipe.named("audio").options(POOLING))
                .withMembers()
                .says("Tells the class of a recording, such as which word was said or what was heard.")
                .data("/org/gatefold/data/signals.csv.gz")
                .synthetic()
                .target(Category.column(AudioTable.LABEL))
                .network(o -> StepFeatures.classifier(
                        o.hidden(),
                        o.dropout(),
                        o.stacked(Lstm.of(o.hidden())),
                        o.get(POOLING).layer()))
                .baselines(o -> List.of(ClassBaselines.majority(), ClassBaselines.nearestNeighbours(1, compared(o))))
                .defaults(o -> o.hidden(64).dropout(0.4).batch(16))
                .note(
                        "Data is a folder of recordings, in folders of their classes or with --label-pattern, or a list of them in"
                                + " CSV with the columns path and label.")
                .note(LENGTH.note());
    }

    @Override
    public Options complete(Options options, Table data, boolean sample) {
        return SoundOptions.complete(options, data, LENGTH);
    }

    private static Sound compared(Options options) {
        return Sound.of(SoundOptions.way(options)).coefficients(Math.min(COMPARED, options.get(SoundOptions.BANDS)));
    }
}
