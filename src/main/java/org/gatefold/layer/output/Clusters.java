package org.gatefold.layer.output;

import java.util.Arrays;
import org.gatefold.device.Scope;
import org.gatefold.layer.Carried;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * Which rows of a step belong to which cluster of an {@link AdaptiveSoftmax}, in arrays that are kept, and constants on the device of the
 * context that owns it. One thread at a time.
 */
final class Clusters implements Carried {
    /** Label of rows that do not count. */
    static final int IGNORED = -1;

    private final Scope scope;
    private final int[] ends;
    private final CountedLabels labels;
    private final Tensor[] owners;
    private final int[][] rows;
    private final int[][] tailLabels;
    private final float[][] tailWeights;
    private final int[] counts;
    private final double[] shares;
    private int[] headLabels = {};

    /**
     * @param ends first class behind the shortlist and behind each cluster
     */
    Clusters(Scope parent, String layer, int[] ends) {
        scope = parent.child("adaptive softmax");
        this.ends = ends;
        int clusters = ends.length - 1;
        labels = new CountedLabels(layer, ends[clusters]);
        owners = new Tensor[clusters];
        rows = new int[clusters][0];
        tailLabels = new int[clusters][0];
        tailWeights = new float[clusters][0];
        counts = new int[clusters];
        shares = new double[clusters];
    }

    /** Divides the rows of a step. */
    void divide(Tensor of, Tensor weights, int ignored) {
        labels.read(of, weights, ignored);
        int most = labels.rows();
        if (headLabels.length < most) {
            headLabels = new int[most];
            for (int i = 0; i < counts.length; i++) {
                rows[i] = new int[most];
                tailLabels[i] = new int[most];
                tailWeights[i] = new float[most];
            }
        }
        Arrays.fill(counts, 0);
        Arrays.fill(shares, 0);
        for (int n = 0; n < most; n++) {
            headLabels[n] = labels.counts(n) ? headLabel(n, labels.label(n)) : IGNORED;
        }
        for (int i = 0; i < shares.length; i++) {
            shares[i] = labels.weight() == 0 ? 0 : shares[i] / labels.weight();
        }
    }

    private int headLabel(int row, int label) {
        if (label < ends[0]) {
            return label;
        }
        int i = 0;
        while (label >= ends[i + 1]) {
            i++;
        }
        int k = counts[i]++;
        rows[i][k] = row;
        tailLabels[i][k] = label - ends[i];
        tailWeights[i][k] = labels.weight(row);
        shares[i] += labels.weight(row);
        return ends[0] + i;
    }

    /** For each row its class of the shortlist or the number of its cluster behind these, or {@link #IGNORED}. */
    int[] headLabels() {
        return headLabels;
    }

    /** How many rows belong to a cluster. */
    int count(int cluster) {
        return counts[cluster];
    }

    /** The rows of a cluster, ascending. */
    int[] rows(int cluster) {
        return rows[cluster];
    }

    /** Their labels within the cluster. */
    int[] labels(int cluster) {
        return tailLabels[cluster];
    }

    /** Their weights. */
    float[] weights(int cluster) {
        return tailWeights[cluster];
    }

    /** What they weigh of all rows. */
    double share(int cluster) {
        return shares[cluster];
    }

    /** {@code [classes of the cluster, clusters]}: ones in the cluster's column, by which its probability goes to all of its classes. */
    Tensor owner(int cluster) {
        if (owners[cluster] == null) {
            int size = ends[cluster + 1] - ends[cluster];
            int columns = counts.length;
            float[] ones = new float[size * columns];
            for (int c = 0; c < size; c++) {
                ones[c * columns + cluster] = 1f;
            }
            owners[cluster] = scope.f32("owner of classes", Shape.of(size, columns));
            owners[cluster].write(ones);
        }
        return owners[cluster];
    }

    /** Keeps all: nothing goes from step to step. */
    @Override
    public void clear() {}

    @Override
    public void close() {
        scope.close();
    }
}
