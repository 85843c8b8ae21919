package org.gatefold.recipe;

import java.nio.file.Path;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import org.gatefold.data.table.Table;
import org.gatefold.recipe.option.Option;
import org.gatefold.recipe.option.Options;
import org.gatefold.recipe.option.UsageException;

/**
 * Says that a table may be in two files, row by row, such as sentences and their translations. Immutable.
 *
 * @param data the option that names what goes with {@code --data}
 * @param test the option that names what goes with {@code --test}
 * @param each how either file is read, by the options
 * @param join makes one table of two
 */
record SecondFiles(
        Option<String> data,
        Option<String> test,
        Function<Options, RecipeDescription.Format> each,
        BinaryOperator<Table> join) {
    /**
     * What goes with a file.
     *
     * @param first null for the sample, or for no test file
     * @param tested whether that is what is tested on
     * @return null for nothing
     */
    Path beside(Options options, Path first, boolean tested) {
        Option<String> option = tested ? test : data;
        if (options.find(option).isEmpty()) {
            return null;
        }
        if (first == null) {
            throw new UsageException(
                    option + ": expected " + (tested ? "--test" : "--data") + " too, which it goes with");
        }
        return options.path(option);
    }

    /** The options of a run, which may be gone on with from another folder. */
    Options absolute(Options options) {
        return options.absolute(data).absolute(test);
    }
}
