package org.gatefold.recipe.field;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.gatefold.data.Batch;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.data.table.CsvTable;
import org.gatefold.data.table.Table;
import org.gatefold.file.JsonFields;

/** Tables of a few rows, and what fields make of them. Stateless. */
public final class Tables {
    private Tables() {}

    /** A table called {@code test.csv} of the lines given, the first of which names the columns. */
    public static Table csv(String... lines) {
        byte[] text = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
        try {
            return CsvTable.read("test.csv", new ByteArrayInputStream(text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A table of one column. */
    public static Table column(String name, double... values) {
        return csv(
                name + "\n" + Arrays.stream(values).mapToObj(Double::toString).collect(Collectors.joining("\n")));
    }

    /** The rows of a sequence or of single rows, {@code [row][step][feature]}. */
    public static float[][][] numbers(Column column) {
        Batch batch = Dataset.of(column).batch();
        float[][][] numbers = new float[batch.rows()][][];
        for (int row = 0; row < numbers.length; row++) {
            numbers[row] = new float[batch.length(row)][batch.features()];
            for (int step = 0; step < numbers[row].length; step++) {
                for (int feature = 0; feature < batch.features(); feature++) {
                    numbers[row][step][feature] = batch.input(row, step, feature);
                }
            }
        }
        return numbers;
    }

    /** A field as it is after its state was written to a file and read again. */
    public static JsonFields saved(Field field) {
        return JsonFields.parse("state.json", field.state().toString());
    }
}
