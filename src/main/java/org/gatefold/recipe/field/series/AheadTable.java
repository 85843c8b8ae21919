package org.gatefold.recipe.field.series;

import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.gatefold.data.table.CsvTable;
import org.gatefold.data.table.MissingValues;
import org.gatefold.data.table.Table;

/** The rows of a table until the last with a value that is forecast, and what is known of those behind. Immutable and thread-safe. */
public final class AheadTable implements KnownAhead {
    private final CsvTable known;

    /** Null if there are no rows to come. */
    private final CsvTable later;

    private AheadTable(CsvTable known, CsvTable later) {
        this.known = known;
        this.later = later;
    }

    /**
     * Parts a table behind the last row in which one of some columns has a value.
     *
     * @param forecast columns that are not known of rows to come; those that are not there count as missing
     * @throws IllegalArgumentException if no row has a value
     */
    public static AheadTable of(CsvTable read, List<String> forecast) {
        int rows = known(read, forecast, 0, read.rows());
        if (rows == 0) {
            throw new IllegalArgumentException(
                    read.source() + ": expected a row with a value of " + String.join(" or ", forecast) + ", got none");
        }
        return new AheadTable(
                read.select(IntStream.range(0, rows).toArray()),
                rows == read.rows()
                        ? null
                        : read.select(IntStream.range(rows, read.rows()).toArray()));
    }

    /** How many rows of a stretch there are until the last in which one of some columns has a value. */
    public static int known(CsvTable read, List<String> forecast, int from, int to) {
        boolean[][] missing = forecast.stream().map(read::missing).toArray(boolean[][]::new);
        int row = to - 1;
        while (row >= from && allAt(missing, row)) {
            row--;
        }
        return row + 1 - from;
    }

    private static boolean allAt(boolean[][] missing, int row) {
        return Arrays.stream(missing).allMatch(column -> column[row]);
    }

    /** The rows with values that are forecast. */
    public CsvTable known() {
        return known;
    }

    /** The same rows to come behind others. */
    public AheadTable behind(CsvTable changed) {
        return new AheadTable(changed, later);
    }

    @Override
    public double[] numbersAhead(String column) {
        return later == null
                ? known.numbers(column)
                : DoubleStream.concat(Arrays.stream(known.numbers(column)), Arrays.stream(later.numbers(column)))
                        .toArray();
    }

    @Override
    public List<String> textAhead(String column) {
        return later == null
                ? known.text(column)
                : Stream.concat(known.text(column).stream(), later.text(column).stream())
                        .toList();
    }

    @Override
    public String source() {
        return known.source();
    }

    @Override
    public List<String> names() {
        return known.names();
    }

    @Override
    public int rows() {
        return known.rows();
    }

    @Override
    public boolean has(String column) {
        return known.has(column);
    }

    @Override
    public List<String> text(String column) {
        return known.text(column);
    }

    @Override
    public double[] numbers(String column) {
        return known.numbers(column);
    }

    @Override
    public boolean startsWithNumber(String column) {
        return known.startsWithNumber(column);
    }

    @Override
    public List<LocalDateTime> dates(String column) {
        return known.dates(column);
    }

    @Override
    public Table withMissing(MissingValues policy, String... columns) {
        return behind(known.withMissing(policy, columns));
    }

    @Override
    public String where(int row, String column) {
        return known.where(row, column);
    }
}
