package org.gatefold.data;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.gatefold.tensor.ElementType;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;

/**
 * One named input or target of every row of a set, in host memory: numbers or ids, for each row once or step by step.
 *
 * <p>Every row of a sequence has a length of its own, and may be empty. Immutable and safe for many threads; arrays are
 * copied when they come in, and shared by slices, selections and windows.
 */
public final class Column {
    private final String name;
    private final Form form;
    private final int size;
    private final float[][] numbers;
    private final int[][] ids;
    private final int[] first;
    private final int[] steps;

    /**
     * @param numbers the array that holds each row, if the column holds numbers
     * @param ids the same if it holds ids
     * @param first the element of that array with which each row begins
     * @param steps of each row; null if the rows are no sequences
     */
    private Column(String name, Form form, float[][] numbers, int[][] ids, int[] first, int[] steps) {
        if (name == null || name.isBlank()) {
            throw new IllegalArgumentException(
                    "name: expected the name of a column, got " + (name == null ? "none" : "'" + name + "'"));
        }
        this.name = name;
        this.form = form;
        this.size = Math.toIntExact(form.size());
        this.numbers = numbers;
        this.ids = ids;
        this.first = first;
        this.steps = steps;
    }

    /**
     * Sequences of vectors, such as measurements at many times.
     *
     * @param values {@code [row][step][feature]}; rows may differ in length
     * @throws IllegalArgumentException if there is no row or no step at all, or if the number of features differs
     */
    public static Column sequences(String name, float[][][] values) {
        return sequences(name, name, values);
    }

    /** As {@link #sequences(String, float[][][])}, for messages that call the array otherwise. */
    static Column sequences(String name, String argument, float[][][] values) {
        requireRows(argument, values.length);
        float[] any = Arrays.stream(values)
                .filter(row -> row != null && row.length > 0)
                .map(row -> row[0])
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException(argument + ": expected at least one step, got empty rows"));
        return sequences(name, argument, values, Form.sequences(requireWidth(argument, any)));
    }

    /**
     * Sequences whose steps have several dimensions, such as the frames of a film.
     *
     * @param values {@code [row][step][element]}, the last dimension of a step contiguous
     * @param dimensions of one step, for instance {@code C, H, W}
     * @throws IllegalArgumentException if there is no row or if a step has not as many elements as the dimensions say
     */
    public static Column sequences(String name, float[][][] values, int... dimensions) {
        requireRows(name, values.length);
        return sequences(name, name, values, Form.sequences(dimensions));
    }

    private static Column sequences(String name, String argument, float[][][] values, Form form) {
        int width = Math.toIntExact(form.size());
        float[][] flat = new float[values.length][];
        int[] steps = new int[values.length];
        for (int row = 0; row < values.length; row++) {
            requireArray(argument, row, values[row]);
            steps[row] = values[row].length;
            flat[row] = flatten(argument + "[" + row + "]", values[row], width);
        }
        return new Column(name, form, flat, null, new int[values.length], steps);
    }

    private static float[] flatten(String argument, float[][] rows, int width) {
        long elements = (long) rows.length * width;
        if (elements > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException(argument + ": expected at most " + (Integer.MAX_VALUE - 8)
                    + " values, got " + rows.length + " times " + width);
        }
        float[] flat = new float[(int) elements];
        for (int row = 0; row < rows.length; row++) {
            requireArray(argument, row, rows[row]);
            requireValues(argument, row, width, rows[row].length);
            System.arraycopy(rows[row], 0, flat, row * width, width);
        }
        return flat;
    }

    /**
     * One vector per row.
     *
     * @param values {@code [row][feature]}
     * @throws IllegalArgumentException if there is no row or no feature, or if the number of features differs
     */
    public static Column rows(String name, float[][] values) {
        return rows(name, name, values);
    }

    /** As {@link #rows(String, float[][])}, for messages that call the array otherwise. */
    static Column rows(String name, String argument, float[][] values) {
        requireRows(argument, values.length);
        requireArray(argument, 0, values[0]);
        return rows(name, argument, values, Form.rows(requireWidth(argument, values[0])));
    }

    /**
     * One array of several dimensions per row, such as images.
     *
     * @param values {@code [row][element]}, the last dimension contiguous
     * @param dimensions of one row, for instance {@code C, H, W}
     * @throws IllegalArgumentException if there is no row or if a row has not as many elements as the dimensions say
     */
    public static Column rows(String name, float[][] values, int... dimensions) {
        requireRows(name, values.length);
        return rows(name, name, values, Form.rows(dimensions));
    }

    private static Column rows(String name, String argument, float[][] values, Form form) {
        int width = Math.toIntExact(form.size());
        float[][] copy = new float[values.length][];
        for (int row = 0; row < values.length; row++) {
            requireArray(argument, row, values[row]);
            requireValues(argument, row, width, values[row].length);
            copy[row] = values[row].clone();
        }
        return new Column(name, form, copy, null, new int[values.length], null);
    }

    /**
     * One number per row.
     *
     * @throws IllegalArgumentException if there is no row
     */
    public static Column numbers(String name, float... values) {
        requireRows(name, values.length);
        float[][] shared = new float[values.length][];
        Arrays.fill(shared, values.clone());
        return new Column(name, Form.rows(1), shared, null, counting(values.length), null);
    }

    /**
     * Sequences of numbers, one per step.
     *
     * @param values {@code [row][step]}; rows may differ in length
     * @throws IllegalArgumentException if there is no row
     */
    public static Column numbers(String name, float[][] values) {
        requireRows(name, values.length);
        float[][] copy = new float[values.length][];
        int[] steps = new int[values.length];
        for (int row = 0; row < values.length; row++) {
            requireArray(name, row, values[row]);
            copy[row] = values[row].clone();
            steps[row] = copy[row].length;
        }
        return new Column(name, Form.sequences(1), copy, null, new int[values.length], steps);
    }

    /**
     * One id per row, such as its class.
     *
     * @throws IllegalArgumentException if there is no row
     */
    public static Column labels(String name, int... values) {
        return labels(name, name, values);
    }

    /** As {@link #labels(String, int...)}, for messages that call the array otherwise. */
    static Column labels(String name, String argument, int... values) {
        requireRows(argument, values.length);
        int[][] shared = new int[values.length][];
        Arrays.fill(shared, values.clone());
        return new Column(name, Form.ids(), null, shared, counting(values.length), null);
    }

    /**
     * Sequences of ids: the tokens of a text, or a class for each step.
     *
     * @param values {@code [row][step]}; rows may differ in length
     * @throws IllegalArgumentException if there is no row
     */
    public static Column tokens(String name, int[][] values) {
        return tokens(name, name, values);
    }

    /** As {@link #tokens(String, int[][])}, for messages that call the array otherwise. */
    static Column tokens(String name, String argument, int[][] values) {
        requireRows(argument, values.length);
        int[][] copy = new int[values.length][];
        int[] steps = new int[values.length];
        for (int row = 0; row < values.length; row++) {
            requireArray(argument, row, values[row]);
            copy[row] = values[row].clone();
            steps[row] = copy[row].length;
        }
        return new Column(name, Form.tokens(), null, copy, new int[values.length], steps);
    }

    /**
     * Windows over one long series, which is kept once however much the windows overlap.
     *
     * @param series {@code [step][feature]}
     * @param window steps of each window, at least 1
     * @param starts the first step of each window
     * @throws IllegalArgumentException if there is no window, or if one reaches beyond the series
     */
    public static Column windows(String name, float[][] series, int window, int... starts) {
        return series(name, "series", series).windows(window, starts);
    }

    /** One row: a series over which windows may be laid. */
    static Column series(String name, String argument, float[][] values) {
        if (values.length == 0) {
            throw new IllegalArgumentException(argument + ": expected at least one step, got none");
        }
        requireArray(argument, 0, values[0]);
        int width = requireWidth(argument, values[0]);
        float[][] flat = {flatten(argument, values, width)};
        return new Column(name, Form.sequences(width), flat, null, new int[1], new int[] {values.length});
    }

    /** Windows over the only row of this column, a sequence, sharing its memory. */
    Column windows(int window, int... starts) {
        if (window < 1) {
            throw new IllegalArgumentException("window: expected at least 1, got " + window);
        }
        requireRows("starts", starts.length);
        int[] from = new int[starts.length];
        for (int i = 0; i < starts.length; i++) {
            if (starts[i] < 0 || starts[i] > steps[0] - window) {
                throw new IllegalArgumentException("starts[" + i + "]: expected 0 to " + (steps[0] - window)
                        + " for windows of " + window + " in " + steps[0] + " steps, got " + starts[i]);
            }
            from[i] = first[0] + starts[i] * size;
        }
        int[] lengths = new int[starts.length];
        Arrays.fill(lengths, window);
        return shared(form, from, lengths);
    }

    /** Windows of equally many steps, each as one row without steps: {@code window * features} numbers. */
    Column flat(int window) {
        Shape.requireProduct("window x features of column '" + name + "'", Integer.MAX_VALUE, window, size);
        return new Column(name, Form.rows(window * size), numbers, ids, first, null);
    }

    private Column shared(Form newForm, int[] from, int[] lengths) {
        float[][] sameNumbers = numbers == null ? null : new float[from.length][];
        int[][] sameIds = ids == null ? null : new int[from.length][];
        if (numbers == null) {
            Arrays.fill(sameIds, ids[0]);
        } else {
            Arrays.fill(sameNumbers, numbers[0]);
        }
        return new Column(name, newForm, sameNumbers, sameIds, from, lengths);
    }

    /** What it is called in losses, metrics and models with several inputs. */
    public String name() {
        return name;
    }

    /** This column under another name, sharing its memory. */
    public Column named(String newName) {
        return new Column(newName, form, numbers, ids, first, steps);
    }

    /** What a batch of it is like. */
    public Form form() {
        return form;
    }

    /** Number of rows. */
    public int size() {
        return first.length;
    }

    /** Steps of one row; 1 if the rows are no sequences. */
    public int steps(int row) {
        return steps == null ? 1 : steps[row];
    }

    /** Steps of the longest row; 1 if the rows are no sequences. */
    public int maxSteps() {
        return steps == null ? 1 : Arrays.stream(steps).max().orElse(0);
    }

    /**
     * Checks ids before they are looked up.
     *
     * @param table whose ids they are, for the message
     * @param rows of the table
     * @throws IllegalArgumentException naming column, row, step and id of the first that is not in {@code 0} to {@code rows - 1}
     */
    public void requireIds(String table, int rows) {
        for (int row = 0; row < ids.length; row++) {
            int end = first[row] + steps(row);
            for (int at = first[row]; at < end; at++) {
                int id = ids[row][at];
                if (id < 0 || id >= rows) {
                    throw new IllegalArgumentException("column '" + name + "': row " + row
                            + (steps == null ? "" : ", step " + (at - first[row])) + ": expected an id of 0 to "
                            + (rows - 1)
                            + ", as " + table + " has " + rows + " rows, got " + id);
                }
            }
        }
    }

    /** Rows {@code from} to {@code to}, exclusive, sharing memory with this column. */
    public Column slice(int from, int to) {
        if (from < 0 || to > size() || from >= to) {
            throw new IndexOutOfBoundsException("rows " + from + " to " + to + " of " + size());
        }
        return select(IntStream.range(from, to).toArray());
    }

    /**
     * The rows of several columns one after the other, sharing their memory, under the name of the first.
     *
     * @param columns of numbers, at least one, of one form
     * @throws IllegalArgumentException if their forms differ, or if they hold ids
     */
    public static Column joined(List<Column> columns) {
        Column head = columns.get(0);
        for (Column column : columns) {
            if (!column.form.equals(head.form) || column.numbers == null) {
                throw new IllegalArgumentException(
                        "columns: expected numbers of the form " + head.form + ", got " + column.form);
            }
        }
        return new Column(
                head.name,
                head.form,
                columns.stream()
                        .flatMap(column -> Arrays.stream(column.numbers))
                        .toArray(float[][]::new),
                null,
                columns.stream()
                        .flatMapToInt(column -> Arrays.stream(column.first))
                        .toArray(),
                head.steps == null
                        ? null
                        : columns.stream()
                                .flatMapToInt(column -> Arrays.stream(column.steps))
                                .toArray());
    }

    /** The given rows in the given order, sharing memory with this column. */
    public Column select(int... rows) {
        requireRows("rows", rows.length);
        float[][] ourNumbers = numbers == null ? null : new float[rows.length][];
        int[][] ourIds = ids == null ? null : new int[rows.length][];
        int[] from = new int[rows.length];
        int[] lengths = steps == null ? null : new int[rows.length];
        for (int i = 0; i < rows.length; i++) {
            int row = rows[i];
            if (row < 0 || row >= size()) {
                throw new IndexOutOfBoundsException("rows[" + i + "]: expected 0 to " + (size() - 1) + ", got " + row);
            }
            if (numbers == null) {
                ourIds[i] = ids[row];
            } else {
                ourNumbers[i] = numbers[row];
            }
            from[i] = first[row];
            if (lengths != null) {
                lengths[i] = steps[row];
            }
        }
        return new Column(name, form, ourNumbers, ourIds, from, lengths);
    }

    /** True if every row has as many steps as the same row of another column. */
    boolean hasStepsOf(Column other) {
        return steps != null && Arrays.equals(steps, other.steps);
    }

    boolean holdsNumbers() {
        return form.type() == ElementType.F32;
    }

    /** The array that holds the numbers of a row, from element {@link #first} on. */
    float[] numbers(int row) {
        return numbers[row];
    }

    /** The array that holds the ids of a row, from element {@link #first} on. */
    int[] ids(int row) {
        return ids[row];
    }

    int first(int row) {
        return first[row];
    }

    private static int[] counting(int count) {
        return IntStream.range(0, count).toArray();
    }

    private static void requireRows(String argument, int actual) {
        if (actual < 1) {
            throw new IllegalArgumentException(argument + ": expected at least 1 rows, got " + actual);
        }
    }

    private static void requireArray(String argument, int index, Object array) {
        if (array == null) {
            throw new IllegalArgumentException(argument + "[" + index + "]: expected an array, got null");
        }
    }

    private static int requireWidth(String argument, float... values) {
        if (values == null || values.length == 0) {
            throw new IllegalArgumentException(argument + ": expected at least one value, got none");
        }
        return values.length;
    }

    private static void requireValues(String argument, int index, int expected, int actual) {
        if (actual != expected) {
            throw new IllegalArgumentException(
                    argument + "[" + index + "]: expected " + expected + " values, got " + actual);
        }
    }

    @Override
    public String toString() {
        return "column '" + name + "' " + form + ", " + size() + " rows";
    }
}
