package org.gatefold.recipe.digits;

import java.util.List;
import org.gatefold.data.table.Table;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.recipe.Option;
import org.gatefold.recipe.Options;
import org.gatefold.recipe.Recipe;
import org.gatefold.recipe.RecipeDescription;
import org.gatefold.recipe.field.Category;
import org.gatefold.recipe.field.Image;

/** Recognises handwritten digits: a bidirectional LSTM reads the rows of an image from both ends. */
public final class Digits implements Recipe {
    private static final Option<Boolean> NO_SHIFTS =
            Option.flag("no-shifts", "Do not also show every image moved by one pixel to each side.");

    /** Without shifts an epoch is a fifth as long. */
    private static final int EPOCHS_WITHOUT_SHIFTS = 30;

    @Override
    public RecipeDescription describe() {
        return Recipe.named("digits")
                .says("Recognises 8×8 images of handwritten digits, read row by row as sequences.")
                .data("/org/gatefold/data/digits-8x8.csv.gz")
                .withoutHeader()
                .testOnLast(397.0 / 1797)
                .options(NO_SHIFTS)
                .input(o -> Image.of(8, 8, 16).shifted(!o.get(NO_SHIFTS)))
                .target(Category.column("65").named("digit").of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"))
                .network(o -> List.of(o.stacked(Lstm.of(o.hidden())).bidirectional()))
                .defaults(o -> o.hidden(96).epochs(20).patience(5))
                .note("Files are CSV without a header: 64 pixels 0 to 16, row by row, and the digit; gzip is fine.")
                .note("The defaults were chosen on the last fifth of the training part. Without shifts, 30 epochs.");
    }

    @Override
    public Options complete(Options options, Table data, boolean sample) {
        return options.get(NO_SHIFTS) ? options.epochs(EPOCHS_WITHOUT_SHIFTS) : options;
    }
}
