package org.gatefold.recipe.market.data;

import org.gatefold.data.table.Table;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Target;

/** A target that rows of prices answer: each is told from the row before. */
public interface MarketTarget extends Target {
    @Override
    default int before() {
        return 1;
    }

    /** By the column of the asset that it is named after. */
    @Override
    default boolean isKnown(Table table) {
        return table.has(name());
    }

    /** The row behind the last, or all and that: those with too few rows before them are left out later. */
    @Override
    default Rows asked(Table table, boolean known) {
        return known ? Rows.range(table, 0, table.rows() + 1) : Rows.of(table, table.rows());
    }
}
