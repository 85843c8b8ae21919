package org.gatefold.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.gatefold.data.Column;
import org.gatefold.file.NumpyArray;
import org.gatefold.model.Model;
import org.gatefold.model.Prediction;
import org.gatefold.tensor.ElementType;
import org.gatefold.tensor.Form;

/**
 * Outputs of a model beside those that another program gave for the same inputs, both from files of NumPy's, batch first. Where there is one
 * input or output, the names of the arrays do not matter. Immutable.
 */
final class Verification {
    private static final String LENGTHS = ".lengths";

    private final String inputsFile;
    private final String expectedFile;
    private final Map<String, NumpyArray> inputs;
    private final Map<String, NumpyArray> expected;

    private Verification(Path inputsFile, Path expectedFile) {
        this.inputsFile = inputsFile.toString();
        this.expectedFile = expectedFile.toString();
        this.inputs = read(inputsFile);
        this.expected = read(expectedFile);
    }

    /** Reads both files. */
    static Verification of(Path inputs, Path expected) {
        return new Verification(inputs, expected);
    }

    private static Map<String, NumpyArray> read(Path file) {
        try {
            return NumpyArray.readAll(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Runs a model and prints a line for each output that is expected: the largest error, the mean error, the largest value expected.
     *
     * @throws IllegalArgumentException if arrays do not fit the model
     */
    void run(Model model, PrintWriter out) {
        List<Column> columns = new ArrayList<>();
        model.inputs()
                .forEach((name, form) ->
                        columns.add(column(name, form, model.inputs().size() == 1)));
        Map<String, Prediction> predictions = model.predict(columns.toArray(Column[]::new));
        boolean single = expected.size() == 1 && predictions.size() == 1;
        if (expected.isEmpty()) {
            throw new IllegalArgumentException(expectedFile + ": expected arrays of outputs, found none");
        }
        expected.forEach((name, array) -> {
            String output = single ? predictions.keySet().iterator().next() : name;
            if (!predictions.containsKey(output)) {
                throw new IllegalArgumentException(
                        expectedFile + ": expected outputs of " + predictions.keySet() + ", got '" + name + "'");
            }
            compare(output, predictions.get(output), array, out);
        });
    }

    private Column column(String name, Form form, boolean single) {
        List<String> names =
                inputs.keySet().stream().filter(key -> !key.endsWith(LENGTHS)).toList();
        String given = single && names.size() == 1 ? names.get(0) : name;
        NumpyArray array = inputs.get(given);
        if (array == null) {
            throw new IllegalArgumentException(inputsFile + ": expected an array '" + name + "', found " + names);
        }
        int[] shape = array.shape();
        int leading = form.sequence() ? 2 : 1;
        int[] tail = form.dimensions().stream().mapToInt(Integer::intValue).toArray();
        if (shape.length != leading + tail.length
                || !Arrays.equals(tail, Arrays.copyOfRange(shape, leading, shape.length))
                || shape[0] < 1) {
            throw new IllegalArgumentException(inputsFile + ": array '" + given + "': expected " + batchFirst(form)
                    + ", got " + Arrays.toString(shape));
        }
        int rows = shape[0];
        int steps = form.sequence() ? shape[1] : 1;
        int[] lengths = lengths(given, rows, steps);
        int size = Math.toIntExact(form.size());
        if (form.type() == ElementType.I32) {
            int[] ids = ints(given, array);
            return form.sequence()
                    ? Column.tokens(
                            name,
                            IntStream.range(0, rows)
                                    .mapToObj(row -> Arrays.copyOfRange(ids, row * steps, row * steps + lengths[row]))
                                    .toArray(int[][]::new))
                    : Column.labels(name, ids);
        }
        float[] values = array.floats();
        if (!form.sequence()) {
            return Column.rows(name, parts(values, 0, rows, size), tail);
        }
        float[][][] sequences = new float[rows][][];
        for (int row = 0; row < rows; row++) {
            sequences[row] = parts(values, row * steps * size, lengths[row], size);
        }
        return Column.sequences(name, sequences, tail);
    }

    private static String batchFirst(Form form) {
        return (form.sequence() ? "[B, T" : "[B")
                + String.join(
                        "", form.dimensions().stream().map(size -> ", " + size).toList()) + "]";
    }

    private int[] ints(String name, NumpyArray array) {
        try {
            return array.ints();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(inputsFile + ": array '" + name + "': " + e.getMessage(), e);
        }
    }

    private int[] lengths(String name, int rows, int steps) {
        NumpyArray array = inputs.get(name + LENGTHS);
        int[] lengths =
                array == null ? IntStream.generate(() -> steps).limit(rows).toArray() : ints(name + LENGTHS, array);
        if (lengths.length != rows || Arrays.stream(lengths).anyMatch(length -> length < 0 || length > steps)) {
            throw new IllegalArgumentException(inputsFile + ": array '" + name + LENGTHS + "': expected " + rows
                    + " lengths of 0 to " + steps + ", got " + Arrays.toString(lengths));
        }
        return lengths;
    }

    private static float[][] parts(float[] values, int from, int count, int size) {
        float[][] parts = new float[count][];
        for (int i = 0; i < count; i++) {
            parts[i] = Arrays.copyOfRange(values, from + i * size, from + (i + 1) * size);
        }
        return parts;
    }

    /** Steps behind the length of a row have no output, and are not compared. */
    private void compare(String name, Prediction prediction, NumpyArray array, PrintWriter out) {
        boolean sequence = prediction.form().sequence();
        float[][][] got = sequence
                ? prediction.sequences()
                : Arrays.stream(prediction.rows())
                        .map(row -> new float[][] {row})
                        .toArray(float[][][]::new);
        float[] wanted = array.floats();
        int steps = Arrays.stream(got).mapToInt(row -> row.length).max().orElse(0);
        int size = Math.toIntExact(prediction.form().size());
        int[] shape = array.shape();
        int wantedSteps = sequence && shape.length > 1 ? shape[1] : 1;
        if (shape.length == 0
                || shape[0] != got.length
                || wantedSteps < steps
                || (long) got.length * wantedSteps * size != wanted.length) {
            throw new IllegalArgumentException(expectedFile + ": output '" + name + "': expected "
                    + batchFirst(prediction.form()) + " of " + got.length + " rows, got " + Arrays.toString(shape));
        }
        double most = 0;
        double sum = 0;
        double largest = 0;
        long count = 0;
        for (int row = 0; row < got.length; row++) {
            for (int step = 0; step < got[row].length; step++) {
                for (int i = 0; i < size; i++) {
                    double right = wanted[(row * wantedSteps + step) * size + i];
                    double error = Math.abs(got[row][step][i] - right);
                    // Not a number is as wrong as can be.
                    most = error <= most ? most : Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
                    sum += error;
                    largest = Math.max(largest, Math.abs(right));
                    count++;
                }
            }
        }
        out.printf(
                Locale.ROOT,
                "output '%s': largest error %.3g, mean error %.3g, of %,d numbers within ±%.4g%n",
                name,
                most,
                count == 0 ? 0 : sum / count,
                count,
                largest);
    }
}
