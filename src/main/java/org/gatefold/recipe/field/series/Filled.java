package org.gatefold.recipe.field.series;

import java.util.Arrays;
import java.util.List;
import org.gatefold.data.table.CsvTable;
import org.gatefold.data.table.Table;
import org.gatefold.recipe.field.Rows;

/** Where a column had no value and was filled, in tables that tell it by {@link CsvTable#maskName}. Stateless. */
final class Filled {
    private Filled() {}

    /** The rows of a column that were filled; none where the table does not tell. */
    static boolean[] rows(Table table, String column) {
        boolean[] filled = new boolean[table.rows()];
        if (table.has(CsvTable.maskName(column))) {
            double[] mask = table.numbers(CsvTable.maskName(column));
            for (int row = 0; row < filled.length; row++) {
                filled[row] = mask[row] != 0;
            }
        }
        return filled;
    }

    /**
     * Those of some rows from which on nothing was filled that is to be forecast, and before which something is known.
     *
     * @param steps that are forecast
     * @param knownBefore columns whose row before must not have been filled
     */
    static Rows without(Rows rows, String column, int steps, List<String> knownBefore) {
        Table table = rows.table();
        boolean[] filled = rows(table, column);
        boolean[][] before = knownBefore.stream().map(name -> rows(table, name)).toArray(boolean[][]::new);
        int first = 0;
        while (first < filled.length && filled[first]) {
            first++;
        }
        int known = first;
        return Rows.of(
                table,
                Arrays.stream(rows.indices())
                        .filter(row -> row > known
                                && Arrays.stream(before).noneMatch(each -> each[row - 1])
                                && noneOf(filled, row, row + steps))
                        .toArray());
    }

    private static boolean noneOf(boolean[] filled, int from, int to) {
        for (int row = from; row < Math.min(to, filled.length); row++) {
            if (filled[row]) {
                return false;
            }
        }
        return true;
    }

    /** How many rows of a column were filled. */
    static int count(Table table, String column) {
        int count = 0;
        for (boolean row : rows(table, column)) {
            count += row ? 1 : 0;
        }
        return count;
    }
}
