package org.gatefold.train;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.Random;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Sequential;

/** Small problems that a recurrent model can solve and a guess cannot. */
public final class Problems {
    private Problems() {}

    /** Sequences of 3 to 8 random numbers; the target is their sum divided by 4. */
    public static Dataset sums(int rows, long seed) {
        Random random = new Random(seed);
        float[][][] inputs = new float[rows][][];
        float[][] targets = new float[rows][1];
        for (int row = 0; row < rows; row++) {
            inputs[row] = new float[3 + random.nextInt(6)][1];
            for (float[] step : inputs[row]) {
                step[0] = random.nextFloat() * 2 - 1;
                targets[row][0] += step[0] / 4;
            }
        }
        return Dataset.of(inputs).withTargets(targets);
    }

    /** Sequences of bits; the class of each step is whether an odd number of ones came so far. */
    static Dataset parity(int rows, int steps, long seed) {
        Random random = new Random(seed);
        float[][][] inputs = new float[rows][steps][1];
        int[][] labels = new int[rows][steps];
        for (int row = 0; row < rows; row++) {
            int odd = 0;
            for (int t = 0; t < steps; t++) {
                int bit = random.nextInt(2);
                odd ^= bit;
                inputs[row][t][0] = bit * 2 - 1;
                labels[row][t] = odd;
            }
        }
        return Dataset.of(inputs).withStepLabels(labels);
    }

    /** One row, so large a number that the gradients of {@link #overflowing} do not fit a float. */
    static Dataset large() {
        return Dataset.of(new float[][][] {{{1e20f}}}).withStepTargets(new float[][][] {{{1f}}});
    }

    /** The output is 1e20 (0 x + 0) = 0, but the gradient of the inner weight is 1e20 times x. */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the caller closes it
    static Sequential overflowing(Device device) {
        Sequential model = Sequential.on(device)
                .add(Linear.of(1).named("inner"))
                .add(Linear.of(1).named("outer"))
                .build(1);
        model.parameters().get("inner.w").value().fill(0f);
        model.parameters().get("outer.w").value().fill(1e20f);
        model.parameters().changed();
        return model;
    }

    @MustBeClosed
    public static Sequential regressor(Device device, int units, float dropout) {
        return Sequential.on(device)
                .seed(1)
                .add(Lstm.of(units).layers(dropout > 0 ? 2 : 1).dropout(dropout))
                .add(Linear.of(1))
                .build(1);
    }
}
