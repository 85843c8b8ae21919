package org.gatefold.recipe.forecast;

import java.util.List;
import java.util.stream.Stream;
import org.gatefold.data.table.CsvTable;
import org.gatefold.data.table.MissingValues;
import org.gatefold.data.table.Stretch;
import org.gatefold.data.table.Table;
import org.gatefold.data.transform.Scaler;
import org.gatefold.recipe.field.series.Numeric;
import org.gatefold.recipe.option.Option;
import org.gatefold.recipe.option.Options;

/** What is done about rows without a value, so that nothing that is tested on is known before. Stateless. */
final class Gaps {
    static final Option<MissingValues> MISSING = Option.choice(
                    "missing",
                    "KIND",
                    MissingValues.class,
                    "What is done about rows without a value (empty, NA, NaN, null, ? or -): fail, drop them, forward-fill with the value"
                            + " before as if it had come, or fill and neither learn nor test what was filled: interpolate by a line to the"
                            + " value behind, or mask by the value before, beside which the model reads where that was done.")
            .or(MissingValues.FAIL);

    private Gaps() {}

    private static boolean isInterpolated(Options options) {
        return options.get(MISSING) == MissingValues.INTERPOLATE;
    }

    /** The columns of which the row before a forecast must be no filled one: a line to the value behind knows what comes. */
    static List<String> knownBefore(Options options, List<String> columns) {
        return isInterpolated(options) ? columns : List.of();
    }

    /** What the model reads to know where columns were filled. */
    static Stream<Numeric> masks(Options options, List<String> columns) {
        return options.get(MISSING) == MissingValues.MASK
                ? columns.stream()
                        .map(name -> Numeric.column(CsvTable.maskName(name)).scaled(Scaler.Kind.NONE))
                : Stream.empty();
    }

    /**
     * A table after what the options say.
     *
     * @param columns that may have gaps
     */
    static CsvTable filled(Options options, CsvTable table, List<Stretch> stretches, List<String> columns) {
        if (options.get(MISSING) == MissingValues.FAIL) {
            columns.forEach(column -> requireWhole(table, column));
            return table;
        }
        String[] named = columns.toArray(String[]::new);
        CsvTable told = isInterpolated(options) ? table.withMasks(named) : table;
        return told.withMissing(options.get(MISSING), stretches, named);
    }

    private static void requireWhole(Table table, String column) {
        if (!table.has(column) || !(table instanceof CsvTable csv)) {
            return;
        }
        boolean[] missing = csv.missing(column);
        for (int row = 0; row < missing.length; row++) {
            if (missing[row]) {
                String field = csv.text(column).get(row);
                throw new IllegalArgumentException(csv.where(row, column) + ": expected a number, "
                        + (field.isEmpty() ? "the field is empty" : "got '" + field + "'")
                        + "; " + MISSING + " says what to do about rows without one");
            }
        }
    }
}
