package org.gatefold.benchmarks.contract;

import java.util.SplittableRandom;

/**
 * Weights and data of one shape, equal bit for bit in every process. Canonical layouts: weights as {@link Cell}
 * says; states {@code [layers * directions, B, H]}. The arrays are shared, not
 * copied: readers must not write.
 */
public final class Workload {
    private final LayerShape shape;
    private final float[][] wx;
    private final float[][] wh;
    private final float[][] bias;
    private final float[] x;
    private final float[] h0;
    private final float[] c0;
    private final float[] dy;
    private final float[] target;

    public Workload(LayerShape shape) {
        this.shape = shape;
        int hidden = shape.hiddenSize();
        int count = shape.layers() * shape.directions();
        wx = new float[count][];
        wh = new float[count][];
        bias = new float[count][];
        SplittableRandom random = new SplittableRandom(20_240_607);
        float bound = (float) (1 / Math.sqrt(hidden));
        for (int i = 0; i < count; i++) {
            wx[i] = uniform(random, shape.gateRows() * shape.layerInput(i / shape.directions()), bound);
            wh[i] = uniform(random, shape.gateRows() * hidden, bound);
            bias[i] = uniform(random, Cell.BIASES * hidden, bound);
        }
        int rows = shape.steps() * shape.batch();
        x = uniform(random, rows * shape.inputSize(), 1);
        dy = uniform(random, rows * shape.outputSize(), 1);
        target = uniform(random, rows * shape.outputSize(), 1);
        int stateSize = count * shape.batch() * hidden;
        h0 = shape.carriesState() ? uniform(random, stateSize, 1) : new float[0];
        c0 = shape.carriesState() ? uniform(random, stateSize, 1) : new float[0];
    }

    private static float[] uniform(SplittableRandom random, int length, float bound) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (2 * ((random.nextInt() >>> 8) * 0x1p-24f) - 1) * bound;
        }
        return values;
    }

    public LayerShape shape() {
        return shape;
    }

    /** {@code [gates·H, in]} of one layer and direction. */
    public float[] wx(int layer, int direction) {
        return wx[layer * shape.directions() + direction];
    }

    /** {@code [gates·H, H]} of one layer and direction. */
    public float[] wh(int layer, int direction) {
        return wh[layer * shape.directions() + direction];
    }

    /** {@code [4H]} of one layer and direction. */
    public float[] bias(int layer, int direction) {
        return bias[layer * shape.directions() + direction];
    }

    /** The input {@code [T, B, I]}. */
    public float[] x() {
        return x;
    }

    /** Initial hidden states {@code [layers * directions, B, H]}; empty unless the shape carries state. */
    public float[] h0() {
        return h0;
    }

    /** Initial cell states {@code [layers * directions, B, H]}; empty unless the shape carries state. */
    public float[] c0() {
        return c0;
    }

    /** Gradient of the output {@code [T, B, directions * H]} for {@link Pass#TRAINING_PASS}. */
    public float[] dy() {
        return dy;
    }

    /** Target {@code [T, B, directions * H]} of the mean squared error in {@link Pass#TRAINING_STEP}. */
    public float[] target() {
        return target;
    }
}
