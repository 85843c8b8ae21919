package org.gatefold.recipe.field.panel;

import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntUnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.gatefold.data.table.CsvTable;
import org.gatefold.data.table.MissingValues;
import org.gatefold.data.table.Stretch;
import org.gatefold.data.table.Table;
import org.gatefold.recipe.field.series.AheadTable;
import org.gatefold.recipe.field.series.KnownAhead;

/**
 * A table in long form, whose rows belong to several series that a column names: those of a series one after the other, in the order in
 * which they stand in the file. Row {@code rows() + i} is the one behind the last of series i, of which nothing is known. Immutable and
 * thread-safe.
 */
public final class PanelTable implements Table {
    private final CsvTable read;
    private final String column;
    private final List<String> series;

    /** The first row of each series, and the number of all. */
    private final int[] starts;

    /** What is known of rows to come. */
    private final Later later;

    private final Map<String, double[]> numbers = new ConcurrentHashMap<>();
    private final Map<String, List<LocalDateTime>> dates = new ConcurrentHashMap<>();

    /**
     * Rows to come.
     *
     * @param rows null if there are none
     * @param places of each series in them: the first row, and that behind the last
     */
    private record Later(CsvTable rows, Map<String, int[]> places) {}

    private PanelTable(CsvTable read, String column, List<String> series, int[] starts, Later later) {
        this.later = later;
        this.read = read;
        this.column = column;
        this.series = series;
        this.starts = starts;
    }

    /**
     * Puts the rows of each series together.
     *
     * @param column that names the series
     * @throws IllegalArgumentException if there is no such column, or a row in which it is empty
     */
    public static PanelTable of(CsvTable read, String column) {
        List<String> names = read.text(column);
        Map<String, List<Integer>> rows = new LinkedHashMap<>();
        for (int row = 0; row < read.rows(); row++) {
            if (names.get(row).isBlank()) {
                throw new IllegalArgumentException(
                        read.where(row, column) + ": expected the name of a series, the field is empty");
            }
            rows.computeIfAbsent(names.get(row), name -> new ArrayList<>()).add(row);
        }
        int[] order = rows.values().stream()
                .flatMap(List::stream)
                .mapToInt(Integer::intValue)
                .toArray();
        boolean sorted = IntStream.range(0, order.length).allMatch(row -> order[row] == row);
        int[] starts = new int[rows.size() + 1];
        int next = 0;
        for (List<Integer> each : rows.values()) {
            starts[next + 1] = starts[next] + each.size();
            next++;
        }
        return new PanelTable(
                sorted ? read : read.select(order),
                column,
                List.copyOf(rows.keySet()),
                starts,
                new Later(null, Map.of()));
    }

    /**
     * This table without the rows behind the last of each series in which one of some columns has a value: of these only what is known
     * beforehand is told.
     *
     * @param forecast columns that are not known of rows to come
     * @throws IllegalArgumentException if a series has no value
     */
    public PanelTable ahead(List<String> forecast) {
        IntStream.Builder known = IntStream.builder();
        IntStream.Builder coming = IntStream.builder();
        Map<String, int[]> places = new LinkedHashMap<>();
        int next = 0;
        for (int i = 0; i < series.size(); i++) {
            int end = starts[i] + AheadTable.known(read, forecast, starts[i], starts[i + 1]);
            if (end == starts[i]) {
                throw new IllegalArgumentException(part(i).source() + ": expected a row with a value of "
                        + String.join(" or ", forecast) + ", got none");
            }
            IntStream.range(starts[i], end).forEach(known);
            IntStream.range(end, starts[i + 1]).forEach(coming);
            places.put(series.get(i), new int[] {next, next + starts[i + 1] - end});
            next += starts[i + 1] - end;
        }
        int[] behind = coming.build().toArray();
        return of(read.select(known.build().toArray()), column)
                .with(new Later(behind.length == 0 ? null : read.select(behind), places));
    }

    private PanelTable with(Later coming) {
        return new PanelTable(read, column, series, starts, coming);
    }

    /**
     * This table with its gaps filled in another way.
     *
     * @param way makes a table of the same series of the one that was read and the stretches that its series are
     * @param boundary by the rows of a series, how many of them are known before what is tested
     */
    public PanelTable filled(Way way, IntUnaryOperator boundary) {
        List<Stretch> stretches = IntStream.range(0, series.size())
                .mapToObj(i -> new Stretch(
                        starts[i],
                        starts[i] + Math.min(boundary.applyAsInt(starts[i + 1] - starts[i]), starts[i + 1] - starts[i]),
                        starts[i + 1]))
                .toList();
        return of(way.filled(read, stretches), column).with(later);
    }

    /** Fills gaps. */
    @FunctionalInterface
    public interface Way {
        CsvTable filled(CsvTable table, List<Stretch> stretches);
    }

    /** The names of the series. */
    public List<String> series() {
        return series;
    }

    /** The rows of the shortest series. */
    public int shortest() {
        return IntStream.range(0, series.size())
                .map(i -> starts[i + 1] - starts[i])
                .min()
                .orElse(0);
    }

    /** The series that a row belongs to, counted from 0. */
    int seriesOf(int row) {
        if (row >= rows()) {
            return row - rows();
        }
        int found = Arrays.binarySearch(starts, row);
        return found >= 0 ? found : -found - 2;
    }

    @Override
    public int before(int row) {
        int i = seriesOf(row);
        return row >= rows() ? starts[i + 1] - starts[i] : row - starts[i];
    }

    /** The rows of one series. */
    Table part(int i) {
        return new Part(i);
    }

    @Override
    public String source() {
        return read.source();
    }

    @Override
    public List<String> names() {
        return read.names();
    }

    @Override
    public int rows() {
        return read.rows();
    }

    @Override
    public boolean has(String name) {
        return read.has(name);
    }

    @Override
    public List<String> text(String name) {
        return read.text(name);
    }

    @Override
    public double[] numbers(String name) {
        return known(name).clone();
    }

    private double[] known(String name) {
        return numbers.computeIfAbsent(name, read::numbers);
    }

    @Override
    public boolean startsWithNumber(String name) {
        return read.startsWithNumber(name);
    }

    @Override
    public List<LocalDateTime> dates(String name) {
        return dates.computeIfAbsent(name, read::dates);
    }

    @Override
    public PanelTable withMissing(MissingValues policy, String... columns) {
        return filled((table, stretches) -> table.withMissing(policy, stretches, columns), rows -> rows);
    }

    @Override
    public String where(int row, String name) {
        return read.where(row, name);
    }

    /** The rows of a series, counted from its first. */
    private final class Part implements KnownAhead {
        private final int i;

        Part(int i) {
            this.i = i;
        }

        @Override
        public String source() {
            return read.source() + ", series '" + series.get(i) + "'";
        }

        @Override
        public List<String> names() {
            return read.names();
        }

        @Override
        public int rows() {
            return starts[i + 1] - starts[i];
        }

        @Override
        public boolean has(String name) {
            return read.has(name);
        }

        @Override
        public List<String> text(String name) {
            return read.text(name).subList(starts[i], starts[i + 1]);
        }

        @Override
        public double[] numbers(String name) {
            return Arrays.copyOfRange(known(name), starts[i], starts[i + 1]);
        }

        @Override
        public double[] numbersAhead(String name) {
            int[] place = later.places.get(series.get(i));
            return later.rows == null
                    ? numbers(name)
                    : DoubleStream.concat(
                                    Arrays.stream(numbers(name)),
                                    Arrays.stream(later.rows.numbers(name), place[0], place[1]))
                            .toArray();
        }

        @Override
        public List<String> textAhead(String name) {
            int[] place = later.places.get(series.get(i));
            return later.rows == null
                    ? text(name)
                    : Stream.concat(text(name).stream(), later.rows.text(name).subList(place[0], place[1]).stream())
                            .toList();
        }

        @Override
        public boolean startsWithNumber(String name) {
            return read.startsWithNumber(name);
        }

        @Override
        public List<LocalDateTime> dates(String name) {
            return PanelTable.this.dates(name).subList(starts[i], starts[i + 1]);
        }

        @Override
        public Table withMissing(MissingValues policy, String... columns) {
            PanelTable changed = PanelTable.this.withMissing(policy, columns);
            return changed.part(changed.series.indexOf(series.get(i)));
        }

        @Override
        public String where(int row, String name) {
            return read.where(starts[i] + row, name);
        }
    }
}
