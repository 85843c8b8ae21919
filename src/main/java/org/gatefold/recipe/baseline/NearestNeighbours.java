package org.gatefold.recipe.baseline;

import java.util.Arrays;
import java.util.function.ToDoubleBiFunction;

/**
 * Classifies sequences by the votes of the k nearest training rows; of equally many votes the class of the nearer row wins.
 *
 * <p>Immutable as long as nobody writes the arrays that it was made from; thread-safe.
 */
public final class NearestNeighbours {
    private final float[][][] rows;
    private final int[] labels;
    private final int neighbours;
    private final ToDoubleBiFunction<float[][], float[][]> distance;

    /**
     * @param rows training rows, {@code [row][step][feature]}; not copied
     * @param labels one per row; not copied
     * @param neighbours k, 1 to the number of rows
     * @param distance of two rows
     */
    public NearestNeighbours(
            float[][][] rows, int[] labels, int neighbours, ToDoubleBiFunction<float[][], float[][]> distance) {
        if (labels.length != rows.length) {
            throw new IllegalArgumentException("labels: expected " + rows.length + ", got " + labels.length);
        }
        if (neighbours < 1 || neighbours > rows.length) {
            throw new IllegalArgumentException("neighbours: expected 1 to " + rows.length + ", got " + neighbours);
        }
        this.rows = rows;
        this.labels = labels;
        this.neighbours = neighbours;
        this.distance = distance;
    }

    /** True if not all rows have equally many steps. */
    public static boolean areRagged(float[][][] rows) {
        return Arrays.stream(rows).anyMatch(row -> row.length != rows[0].length);
    }

    /** The class of one row. */
    public int classify(float[][] row) {
        int[] nearest = new int[neighbours];
        double[] distances = new double[neighbours];
        int found = 0;
        for (int candidate = 0; candidate < rows.length; candidate++) {
            double apart = distance.applyAsDouble(rows[candidate], row);
            if (found == neighbours && apart >= distances[found - 1]) {
                continue;
            }
            int at = found < neighbours ? found++ : found - 1;
            while (at > 0 && distances[at - 1] > apart) {
                distances[at] = distances[at - 1];
                nearest[at] = nearest[at - 1];
                at--;
            }
            distances[at] = apart;
            nearest[at] = candidate;
        }
        return vote(nearest);
    }

    private int vote(int[] nearest) {
        int best = -1;
        int most = 0;
        for (int candidate : nearest) {
            int votes = 0;
            for (int other : nearest) {
                if (labels[other] == labels[candidate]) {
                    votes++;
                }
            }
            if (votes > most) {
                most = votes;
                best = labels[candidate];
            }
        }
        return best;
    }

    /** The squared Euclidean distance of two rows of equally many steps. */
    public static double squared(float[][] a, float[][] b) {
        double sum = 0;
        for (int step = 0; step < a.length; step++) {
            sum += squared(a[step], b[step]);
        }
        return sum;
    }

    private static double squared(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            double difference = (double) a[i] - b[i];
            sum += difference * difference;
        }
        return sum;
    }

    /**
     * The distance by dynamic time warping: the least sum of squared distances of steps over all ways to pair the steps of
     * both rows in order. Rows without steps are infinitely far from others.
     */
    public static double warped(float[][] a, float[][] b) {
        double[] least = new double[b.length + 1];
        Arrays.fill(least, Double.POSITIVE_INFINITY);
        least[0] = 0;
        for (float[] step : a) {
            double diagonal = least[0];
            least[0] = Double.POSITIVE_INFINITY;
            for (int j = 0; j < b.length; j++) {
                double before = Math.min(diagonal, Math.min(least[j], least[j + 1]));
                diagonal = least[j + 1];
                least[j + 1] = before + squared(step, b[j]);
            }
        }
        return least[b.length];
    }
}
