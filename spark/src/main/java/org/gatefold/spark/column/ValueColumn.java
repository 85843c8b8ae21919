package org.gatefold.spark.column;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.gatefold.data.Column;
import org.gatefold.tensor.ElementType;
import org.gatefold.tensor.Form;
import scala.collection.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * A column of a frame as what a model takes or learns. A value is {@code [step][element]}: an array of arrays; an array, which is one
 * number a step or one row of them; a vector, likewise; a single number; a text as the ids of its tokens; the name of a class. Immutable.
 */
public final class ValueColumn implements Serializable {
    private static final long serialVersionUID = 1L;

    private final KeyedColumn column;
    private final boolean sequence;
    private final boolean ids;
    private final int[] dimensions;
    private final int width;
    private final Words words;
    private final ArrayList<String> classes;
    private final int bound;

    /** @throws IllegalArgumentException if there is no such column */
    public ValueColumn(StructType schema, String name, String key, Form form) {
        this(schema, name, key, form, new TextColumns(null, null), Integer.MAX_VALUE);
    }

    /**
     * @param key the column that names rows in messages; none if empty
     * @param texts how texts are read, if they are
     * @param bound what ids have to be below
     * @throws IllegalArgumentException if there is no such column
     */
    public ValueColumn(StructType schema, String name, String key, Form form, TextColumns texts, int bound) {
        this.column = new KeyedColumn(schema, name, key);
        this.words = texts.words();
        this.classes = texts.classes();
        this.bound = bound;
        this.sequence = form.sequence();
        this.ids = form.type() == ElementType.I32;
        this.dimensions = form.dimensions().stream().mapToInt(Integer::intValue).toArray();
        this.width = Math.toIntExact(form.size());
    }

    /**
     * The value of a row.
     *
     * @throws IllegalArgumentException naming the row if it is null, not finite, of another width, or no number
     */
    public float[][] read(Row row) {
        Object value = column.value(row);
        float[][] steps = steps(row, value);
        if (steps.length == 0) {
            throw wrong(row, "expected at least one step, got none");
        }
        for (int step = 0; step < steps.length; step++) {
            if (steps[step].length != width) {
                throw wrong(row, "step " + step + ": expected " + width + " numbers, got " + steps[step].length);
            }
            for (float number : steps[step]) {
                if (!Float.isFinite(number)) {
                    throw wrong(row, "step " + step + ": expected finite numbers, got " + number);
                }
                if (ids && number != (int) number) {
                    throw wrong(row, "step " + step + ": expected whole numbers, got " + number);
                }
                if (ids && (number < 0 || number >= bound)) {
                    throw wrong(
                            row,
                            "step " + step + ": expected "
                                    + (bound == Integer.MAX_VALUE ? "at least 0" : "0 to " + (bound - 1)) + ", got "
                                    + (int) number);
                }
            }
        }
        return steps;
    }

    private float[][] steps(Row row, Object value) {
        if (value instanceof Vector vector) {
            double[] doubles = vector.toArray();
            float[] numbers = new float[doubles.length];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = (float) doubles[i];
            }
            return split(row, numbers);
        }
        if (value instanceof Number number) {
            return new float[][] {{number.floatValue()}};
        }
        if (value instanceof String text && words != null) {
            return words.ids(text);
        }
        if (value instanceof String text && classes != null && !classes.isEmpty()) {
            if (!classes.contains(text)) {
                throw wrong(row, "expected one of " + classes + ", got '" + text + "'");
            }
            return new float[][] {{classes.indexOf(text)}};
        }
        if (!(value instanceof Seq<?> seq)) {
            throw wrong(
                    row,
                    "expected " + (words != null ? "a text" : classes != null ? "a class" : "an array or a vector")
                            + ", got "
                            + (value == null ? "null" : value.getClass().getSimpleName()));
        }
        List<?> list = CollectionConverters.asJava(seq);
        if (list.isEmpty() || !(list.get(0) instanceof Seq)) {
            return split(row, numbers(row, list));
        }
        if (!sequence) {
            throw wrong(row, "expected one array of numbers, got an array of arrays");
        }
        float[][] steps = new float[list.size()][];
        for (int step = 0; step < steps.length; step++) {
            if (!(list.get(step) instanceof Seq<?> numbers)) {
                throw wrong(row, "step " + step + ": expected an array, got null");
            }
            steps[step] = numbers(row, CollectionConverters.asJava(numbers));
        }
        return steps;
    }

    /** One number a step, or one row of numbers. */
    private float[][] split(Row row, float... numbers) {
        if (!sequence) {
            return new float[][] {numbers};
        }
        if (width != 1) {
            throw wrong(row, "expected an array of arrays of " + width + " numbers, got an array of numbers");
        }
        float[][] steps = new float[numbers.length][];
        for (int step = 0; step < numbers.length; step++) {
            steps[step] = new float[] {numbers[step]};
        }
        return steps;
    }

    private float[] numbers(Row row, List<?> list) {
        float[] numbers = new float[list.size()];
        for (int i = 0; i < numbers.length; i++) {
            if (!(list.get(i) instanceof Number number)) {
                throw wrong(row, "element " + i + ": expected a number, got " + list.get(i));
            }
            numbers[i] = number.floatValue();
        }
        return numbers;
    }

    private IllegalArgumentException wrong(Row row, String what) {
        return column.wrong(row, what);
    }

    /** Values of many rows as a column of a data set. */
    public Column column(String as, List<float[][]> values) {
        if (ids) {
            int[][] numbers = new int[values.size()][];
            for (int row = 0; row < numbers.length; row++) {
                float[][] steps = values.get(row);
                numbers[row] = new int[steps.length];
                for (int step = 0; step < steps.length; step++) {
                    numbers[row][step] = (int) steps[step][0];
                }
            }
            return sequence
                    ? Column.tokens(as, numbers)
                    : Column.labels(
                            as, Arrays.stream(numbers).mapToInt(each -> each[0]).toArray());
        }
        if (sequence) {
            return Column.sequences(as, values.toArray(float[][][]::new), dimensions);
        }
        return Column.rows(as, values.stream().map(steps -> steps[0]).toArray(float[][]::new), dimensions);
    }
}
