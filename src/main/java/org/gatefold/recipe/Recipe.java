package org.gatefold.recipe;

import org.gatefold.data.table.Table;
import org.gatefold.recipe.option.Options;
import org.gatefold.recipe.option.UsageException;

/**
 * An application: what is learnt from which table by what network. Its {@linkplain #describe description} is enough for
 * training, comparison, files, options, prediction and help; what needs more overrides a method. Found as a service of
 * {@link java.util.ServiceLoader}. Stateless, with a public constructor without arguments.
 */
public interface Recipe {
    /** Begins a description. */
    static RecipeDescription named(String name) {
        return new RecipeDescription(name);
    }

    /** What this recipe is. */
    RecipeDescription describe();

    /**
     * Chooses defaults by the data: {@link Options#with} leaves alone what was given.
     *
     * @param options what was given, and the defaults of the description
     * @param data what is trained and, unless there is another table for that, tested on
     * @param sample whether that is the sample that travels with the recipe
     * @return the options of the run, kept in its folder
     * @throws UsageException if options do not go together
     */
    default Options complete(Options options, Table data, boolean sample) {
        return options;
    }
}
