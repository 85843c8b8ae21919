package org.gatefold.recipe.baseline;

/**
 * Classifies by the votes of the k training rows nearest in Euclidean distance; of equally many votes the class of the
 * nearer row wins.
 *
 * <p>Immutable as long as nobody writes the arrays that it was made from; thread-safe.
 */
public final class NearestNeighbours {
    private final float[][] rows;
    private final int[] labels;
    private final int neighbours;

    /**
     * @param rows training rows of one length; not copied
     * @param labels one per row, at least 0; not copied
     * @param neighbours k, 1 to the number of rows
     */
    public NearestNeighbours(float[][] rows, int[] labels, int neighbours) {
        if (labels.length != rows.length) {
            throw new IllegalArgumentException("labels: expected " + rows.length + ", got " + labels.length);
        }
        if (neighbours < 1 || neighbours > rows.length) {
            throw new IllegalArgumentException("neighbours: expected 1 to " + rows.length + ", got " + neighbours);
        }
        this.rows = rows;
        this.labels = labels;
        this.neighbours = neighbours;
    }

    /** The class of one row. */
    public int classify(float[] row) {
        int[] nearest = new int[neighbours];
        double[] distances = new double[neighbours];
        int found = 0;
        for (int candidate = 0; candidate < rows.length; candidate++) {
            double distance = squaredDistance(rows[candidate], row);
            if (found == neighbours && distance >= distances[found - 1]) {
                continue;
            }
            int at = found < neighbours ? found++ : found - 1;
            while (at > 0 && distances[at - 1] > distance) {
                distances[at] = distances[at - 1];
                nearest[at] = nearest[at - 1];
                at--;
            }
            distances[at] = distance;
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

    private static double squaredDistance(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            double difference = (double) a[i] - b[i];
            sum += difference * difference;
        }
        return sum;
    }
}
