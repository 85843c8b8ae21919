package org.gatefold.recipe;

import org.gatefold.recipe.option.Options;

/**
 * How long a model is trained where the number of epochs is not said. Immutable.
 *
 * @param updates after which small sets are learnt
 * @param fewest epochs
 * @param most epochs
 */
public record TrainingLength(int updates, int fewest, int most) {
    /** Options with the number of epochs, each of so many updates. */
    public Options of(Options options, long ofAnEpoch) {
        return options.epochsOf(updates, ofAnEpoch, fewest, most);
    }

    /** Options with the number of epochs by a table, of which each row of the training part is learnt from. */
    public Options ofRows(Options options, int rows) {
        return of(options, options.trainingRows(rows) / options.batch());
    }

    /** In words, for help texts. */
    public String note() {
        return "Small sets are learnt in " + updates + " updates, but in " + fewest + " to " + most + " epochs.";
    }
}
