package org.gatefold.contract;

import org.gatefold.op.sequence.SequenceOp;
import org.gatefold.op.sequence.SequenceOp.Pooling;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every implementation of the operations on padded batches is held to. */
abstract class SequenceContract extends OperationContract<SequenceOp> {
    private static final int STEPS = 7;
    private static final int BATCH = 5;
    private static final int WIDTH = 19;
    private static final int[] LENGTHS = {3, 0, 7, 1, 5};

    SequenceContract() {
        super(SequenceOp.class);
    }

    @Test
    void transposesTheOuterDimensions() {
        float[] x = gaussian(1, STEPS * BATCH * WIDTH);
        float[] expected = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            int step = i / WIDTH / BATCH;
            int row = i / WIDTH % BATCH;
            expected[(row * STEPS + step) * WIDTH + i % WIDTH] = x[i];
        }
        Tensor y = guarded.output("y", BATCH, STEPS, WIDTH);
        op.transpose(guarded.input("x", x, STEPS, BATCH, WIDTH), y);
        Compare.assertSameBits("y", y.toFloats(), expected);
        Tensor back = guarded.output("back", STEPS, BATCH, WIDTH);
        op.transpose(y, back);
        Compare.assertSameBits("back", back.toFloats(), x);
        guarded.check();
    }

    @ParameterizedTest
    @EnumSource(Pooling.class)
    void poolsTheValidSteps(Pooling pooling) {
        pool(pooling, LENGTHS);
        pool(pooling, null);
    }

    private void pool(Pooling pooling, int[] rows) {
        float[] x = gaussian(2, STEPS * BATCH * WIDTH);
        float[] dy = gaussian(3, BATCH * WIDTH);
        double[] y = new double[BATCH * WIDTH];
        double[] dx = new double[x.length];
        for (int step = 0; step < STEPS; step++) {
            for (int i = 0; i < BATCH * WIDTH; i++) {
                if (step >= (rows == null ? STEPS : rows[i / WIDTH])) {
                    x[step * BATCH * WIDTH + i] = Float.NaN;
                }
            }
        }
        // Two equal maxima: the gradient goes to the first.
        x[2 * BATCH * WIDTH + 2 * WIDTH] = 9f;
        x[4 * BATCH * WIDTH + 2 * WIDTH] = 9f;
        for (int i = 0; i < BATCH * WIDTH; i++) {
            int valid = rows == null ? STEPS : rows[i / WIDTH];
            int best = 0;
            for (int step = 0; step < valid; step++) {
                y[i] += x[step * BATCH * WIDTH + i] / (double) valid;
                best = x[step * BATCH * WIDTH + i] > x[best * BATCH * WIDTH + i] ? step : best;
            }
            int chosen = pooling == Pooling.LAST ? valid - 1 : best;
            if (pooling != Pooling.MEAN && valid > 0) {
                y[i] = x[chosen * BATCH * WIDTH + i];
            }
            for (int step = 0; step < valid; step++) {
                double share = pooling == Pooling.MEAN ? 1.0 / valid : step == chosen ? 1 : 0;
                dx[step * BATCH * WIDTH + i] = share * dy[i];
            }
        }
        Lengths lengths = rows == null ? null : scope.lengths(STEPS, rows);
        Tensor tx = guarded.input("x", x, STEPS, BATCH, WIDTH);
        Tensor ty = guarded.output("y", BATCH, WIDTH);
        op.pool(pooling, tx, lengths, ty);
        Compare.assertClose("y", ty.toFloats(), y, 1e-6);
        Tensor tdx = guarded.output("dx", STEPS, BATCH, WIDTH);
        op.poolBackward(pooling, tx, lengths, guarded.input("dy", dy, BATCH, WIDTH), tdx);
        Compare.assertClose("dx", tdx.toFloats(), dx, 1e-6);
        guarded.check();
    }

    @Test
    void masksThePadding() {
        Tensor weights = guarded.output("weights", STEPS, BATCH);
        op.mask(scope.lengths(STEPS, LENGTHS), weights);
        float[] expected = new float[STEPS * BATCH];
        for (int i = 0; i < expected.length; i++) {
            expected[i] = i / BATCH < LENGTHS[i % BATCH] ? 1f : 0f;
        }
        Compare.assertSameBits("weights", weights.toFloats(), expected);
        guarded.check();
    }

    @Test
    void joinsAndSplitsColumns() {
        float[] a = gaussian(4, 11 * 3);
        float[] b = gaussian(5, 11 * 17);
        float[] expected = new float[11 * 20];
        for (int row = 0; row < 11; row++) {
            System.arraycopy(a, row * 3, expected, row * 20, 3);
            System.arraycopy(b, row * 17, expected, row * 20 + 3, 17);
        }
        Tensor y = guarded.output("y", 11, 20);
        op.concatenate(guarded.input("a", a, 11, 3), guarded.input("b", b, 11, 17), y);
        Compare.assertSameBits("y", y.toFloats(), expected);
        Tensor left = guarded.output("left", 11, 3);
        Tensor right = guarded.output("right", 11, 17);
        op.split(y, left, right);
        Compare.assertSameBits("left", left.toFloats(), a);
        Compare.assertSameBits("right", right.toFloats(), b);
        guarded.check();
    }

    @Test
    void badArgumentsGiveTheSameMessagesEverywhere() {
        Tensor x = scope.zeros("x", 3, 2, 4);
        Tensor y = scope.zeros("y", 2, 4);
        refused("x: expected shape [M, N, features], got [2, 4]", () -> op.transpose(y, x));
        refused("y: expected shape [2, 3, 4], got [3, 2, 4]", () -> op.transpose(x, x));
        refused("y: expected shape [2, 4], got [3, 2, 4]", () -> op.pool(Pooling.MEAN, x, null, x));
        refused(
                "lengths: expected 2 rows of at most 3 steps, got 2 rows of at most 4",
                () -> op.pool(Pooling.MEAN, x, scope.lengths(4, 1, 2), y));
        refused("lengths: expected the lengths to mask by, got null", () -> op.mask(null, y));
        refused("weights: expected shape [3, 2], got [2, 4]", () -> op.mask(scope.lengths(3, 1, 2), y));
        refused("b: expected shape [2, 5], got [3, 5]", () -> op.concatenate(y, scope.zeros("b", 3, 5), y));
        refused("a: given twice in one call", () -> op.split(scope.zeros("wide", 2, 8), y, y));
    }
}
