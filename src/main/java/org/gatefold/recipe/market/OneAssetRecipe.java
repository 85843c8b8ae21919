package org.gatefold.recipe.market;

import org.gatefold.data.table.Table;
import org.gatefold.recipe.Recipe;
import org.gatefold.recipe.market.data.MarketOptions;
import org.gatefold.recipe.option.Options;

/** A recipe that answers for one asset. */
interface OneAssetRecipe extends Recipe {
    @Override
    default Options complete(Options options, Table data, boolean sample) {
        return MarketOptions.completeForOne(options, data);
    }
}
