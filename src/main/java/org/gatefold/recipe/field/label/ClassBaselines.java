package org.gatefold.recipe.field.label;

import java.util.Arrays;
import java.util.function.Function;
import org.gatefold.data.Batch;
import org.gatefold.data.Dataset;
import org.gatefold.recipe.baseline.MajorityClass;
import org.gatefold.recipe.baseline.NearestNeighbours;
import org.gatefold.recipe.field.Baseline;
import org.gatefold.recipe.field.Baseline.Attempt;
import org.gatefold.recipe.field.Field;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Rows;

/** What models that tell classes apart are compared with. */
public final class ClassBaselines {
    /** Pairs of steps that may be compared; so many take minutes. */
    private static final double MOST_PAIRS = 1e10;

    private ClassBaselines() {}

    /** The most frequent class of the training rows, for a {@link Category}. */
    public static Baseline majority() {
        return new Baseline("majority", (fields, training, test) -> {
            Category category = (Category) fields.target();
            int[] labels = category.labels(category.known(training));
            return Attempt.everywhere(
                    test,
                    category.certainly(
                            MajorityClass.fit(labels, category.outputs()).label()));
        });
    }

    /**
     * The votes of the training rows nearest to a row as the model reads it, for a {@link Category}: by Euclidean distance, or
     * by dynamic time warping if rows have different numbers of steps.
     */
    public static Baseline nearestNeighbours(int count) {
        return nearestNeighbours(count, Fields::input);
    }

    /** As {@link #nearestNeighbours(int)}, of rows as another field reads them than that of the model. */
    public static Baseline nearestNeighbours(int count, Field compared) {
        return nearestNeighbours(count, fields -> compared);
    }

    private static Baseline nearestNeighbours(int count, Function<Fields, Field> compared) {
        String name = count == 1 ? "nearest-neighbour" : count + "-nearest-neighbour";
        return new Baseline(name, (fields, training, test) -> {
            Category category = (Category) fields.target();
            Rows labelled = category.known(training);
            Field read = compared.apply(fields);
            float[][][] known = sequences(read, labelled);
            float[][][] asked = sequences(read, test);
            boolean ragged = NearestNeighbours.areRagged(known)
                    || NearestNeighbours.areRagged(asked)
                    || known[0].length != asked[0].length;
            double pairs = (double) steps(known) * (ragged ? steps(asked) : asked.length);
            if (pairs > MOST_PAIRS) {
                return new Attempt("too many rows to compare them all", null);
            }
            NearestNeighbours neighbours = new NearestNeighbours(
                    known,
                    category.labels(labelled),
                    Math.min(count, known.length),
                    ragged ? NearestNeighbours::warped : NearestNeighbours::squared);
            double[][] answers = Arrays.stream(asked)
                    .parallel()
                    .map(row -> category.certainly(neighbours.classify(row)))
                    .toArray(double[][]::new);
            return new Attempt(ragged ? "dynamic time warping" : "", answers);
        });
    }

    private static int steps(float[][][] rows) {
        return Arrays.stream(rows).mapToInt(row -> row.length).sum();
    }

    /** Rows as a model reads them, {@code [row][step][feature]}. */
    private static float[][][] sequences(Field field, Rows rows) {
        Batch batch = Dataset.of(field.encode(rows)).batch();
        float[][][] sequences = new float[batch.rows()][][];
        for (int row = 0; row < sequences.length; row++) {
            sequences[row] = new float[batch.length(row)][batch.features()];
            for (int step = 0; step < sequences[row].length; step++) {
                for (int feature = 0; feature < batch.features(); feature++) {
                    sequences[row][step][feature] = batch.input(row, step, feature);
                }
            }
        }
        return sequences;
    }
}
