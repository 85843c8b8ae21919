package org.gatefold.recipe.field.series;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.data.transform.Scaler;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.field.Field;
import org.gatefold.recipe.field.Rows;

/**
 * Columns each of whose fields holds a whole sequence of numbers, separated by commas or blanks: the channels of one
 * measurement, which have equally many steps in a row, but not from row to row. Each channel is brought to mean 0 and
 * deviation 1 over all steps of the training rows.
 */
public final class Sequence implements Field {
    private static final String CHANNELS = "channels";
    private static final String COLUMN = "column";

    private final Set<String> others;
    private final List<String> columns;
    private final List<Scaler> scalers;

    private Sequence(Set<String> others, List<String> columns, List<Scaler> scalers) {
        this.others = Set.copyOf(others);
        this.columns = List.copyOf(columns);
        this.scalers = List.copyOf(scalers);
    }

    /** All columns but those named. */
    public static Sequence allBut(String... others) {
        return new Sequence(Set.of(others), List.of(), List.of());
    }

    @Override
    public String name() {
        return "sequence";
    }

    @Override
    public Sequence fit(Rows training) {
        List<String> channels = training.table().names().stream()
                .filter(column -> !others.contains(column))
                .toList();
        if (channels.isEmpty()) {
            throw new IllegalArgumentException(training.table().source() + ": expected columns beside " + others);
        }
        List<Scaler> fitted = new ArrayList<>();
        for (String channel : channels) {
            double[] all = Arrays.stream(steps(training, channel))
                    .flatMapToDouble(Arrays::stream)
                    .toArray();
            fitted.add(Scaler.fit(Scaler.Kind.STANDARD, all));
        }
        return new Sequence(others, channels, fitted);
    }

    /** The numbers of a column, {@code [row][step]}. */
    private static double[][] steps(Rows rows, String column) {
        List<String> texts = rows.text(column);
        double[][] steps = new double[texts.size()][];
        for (int i = 0; i < steps.length; i++) {
            String[] fields = texts.get(i).isBlank()
                    ? new String[0]
                    : texts.get(i).strip().split("[,\\s]+");
            steps[i] = new double[fields.length];
            for (int step = 0; step < fields.length; step++) {
                steps[i][step] = number(rows, i, column, fields[step]);
            }
        }
        return steps;
    }

    private static double number(Rows rows, int i, String column, String field) {
        double value = Double.NaN;
        try {
            value = Double.parseDouble(field);
        } catch (NumberFormatException e) {
            // Told below, as numbers that are not finite are.
        }
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(
                    rows.where(i, column) + ": expected finite numbers, got '" + field + "'");
        }
        return value;
    }

    @Override
    public Column encode(Rows rows) {
        if (columns.isEmpty()) {
            throw new IllegalStateException("field '" + name() + "': fit it before rows are encoded");
        }
        float[][][] sequences = new float[rows.size()][][];
        for (int channel = 0; channel < columns.size(); channel++) {
            double[][] steps = steps(rows, columns.get(channel));
            for (int i = 0; i < sequences.length; i++) {
                if (channel == 0) {
                    sequences[i] = new float[steps[i].length][columns.size()];
                }
                if (steps[i].length != sequences[i].length) {
                    throw new IllegalArgumentException(rows.where(i, columns.get(channel)) + ": expected "
                            + sequences[i].length + " steps as in column '" + columns.get(0) + "', got "
                            + steps[i].length);
                }
                for (int step = 0; step < steps[i].length; step++) {
                    sequences[i][step][channel] = (float) scalers.get(channel).scale(steps[i][step]);
                }
            }
        }
        return Column.sequences(Dataset.INPUT, sequences);
    }

    @Override
    public String summary() {
        return columns.size() + (columns.size() == 1 ? " channel" : " channels");
    }

    @Override
    public JsonObject state() {
        JsonArray channels = new JsonArray();
        for (int i = 0; i < columns.size(); i++) {
            JsonObject channel = new JsonObject();
            channel.addProperty(COLUMN, columns.get(i));
            Numeric.keep(scalers.get(i), channel);
            channels.add(channel);
        }
        return Json.object(CHANNELS, channels);
    }

    @Override
    public Sequence restored(JsonFields state) {
        List<String> channels = new ArrayList<>();
        List<Scaler> saved = new ArrayList<>();
        for (JsonFields channel : state.list(CHANNELS)) {
            channels.add(channel.text(COLUMN));
            saved.add(Numeric.scaler(Scaler.Kind.STANDARD, channel));
        }
        if (channels.isEmpty()) {
            throw state.wrong(CHANNELS, "expected at least 1, got none", null);
        }
        return new Sequence(others, channels, saved);
    }
}
