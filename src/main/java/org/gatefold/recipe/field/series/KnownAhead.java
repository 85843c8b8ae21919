package org.gatefold.recipe.field.series;

import java.util.List;
import org.gatefold.data.table.Table;

/**
 * A table behind whose last row more is known than what is to be forecast: of rows to come, such as prices that are set or days that are
 * holidays. Implementations are immutable and thread-safe.
 */
public interface KnownAhead extends Table {
    /** A column of numbers, with those of the rows to come. */
    double[] numbersAhead(String column);

    /** A column as text, with that of the rows to come. */
    List<String> textAhead(String column);
}
