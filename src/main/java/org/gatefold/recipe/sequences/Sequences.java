package org.gatefold.recipe.sequences;

import java.util.Optional;
import org.gatefold.data.table.StepLines;
import org.gatefold.data.table.TsFile;
import org.gatefold.layer.pooling.TimePooling;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.recipe.Recipe;
import org.gatefold.recipe.RecipeDescription;
import org.gatefold.recipe.field.label.Category;
import org.gatefold.recipe.field.label.ClassBaselines;
import org.gatefold.recipe.field.series.Sequence;
import org.gatefold.recipe.field.series.StepFeatures;
import org.gatefold.recipe.option.Option;
import org.gatefold.recipe.option.Options;

/**
 * Tells the class of a sequence of measurements, of any length and number of channels: convolutions over time find
 * features, a bidirectional LSTM reads them, and the largest of each unit's outputs over time decide.
 */
public final class Sequences implements Recipe {
    private static final Option<Integer> CHANNELS = Option.integer(
                    "channels",
                    "N",
                    "Files are CSV with a sequence a line: so many numbers for each step, one step after the other, and a class.")
            .atLeast(1);

    private static final Option<String> LABEL = Option.text(
            "label",
            "COLUMN",
            "With --channels, where classes are: a name or a number; by default 'label' or the first.");

    @Override
    public RecipeDescription describe() {
        return Recipe.named("sequences")
                .says("Tells the class of a sequence of measurements, of any length and number of channels.")
                .data("/org/gatefold/data/pen-strokes.ts")
                .synthetic()
                .options(CHANNELS, LABEL)
                .format(Sequences::format)
                .inAnyOrder()
                .withMembers()
                .testOnLast(0.3)
                .input(Sequence.allBut(TsFile.LABEL))
                .target(Category.column(TsFile.LABEL).named("class"))
                .network(o -> StepFeatures.classifier(
                        o.hidden(), o.dropout(), o.stacked(Lstm.of(o.hidden())), TimePooling.max()))
                .baselines(ClassBaselines.majority(), ClassBaselines.nearestNeighbours(1))
                .defaults(o ->
                        o.hidden(64).epochs(60).batch(16).learningRate(3e-3).dropout(0.3))
                .note("Files are in the .ts format of the UEA and UCR archives, or CSV with --channels; gzip is fine.");
    }

    private static RecipeDescription.Format format(Options options) {
        Optional<Integer> channels = options.find(CHANNELS);
        return channels.isPresent()
                ? new StepLines(channels.get(), options.find(LABEL).orElse(null))::read
                : TsFile::read;
    }
}
