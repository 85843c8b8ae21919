package org.gatefold.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every implementation of the affine map is held to. */
abstract class LinearContract extends OperationContract<LinearOp> {
    LinearContract() {
        super(LinearOp.class);
    }

    /** Rows, inputs, outputs: 1, odd, on and off vectors, beyond one tile of a blocked product. */
    static List<int[]> sizes() {
        return List.of(
                new int[] {1, 1, 1},
                new int[] {3, 5, 7},
                new int[] {16, 16, 16},
                new int[] {1, 33, 65},
                new int[] {65, 1, 2},
                new int[] {37, 70, 1},
                new int[] {129, 300, 67});
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void agreesWithTheEquation(int[] size) {
        int n = size[0];
        int in = size[1];
        int out = size[2];
        float[] x = gaussian(1, n * in);
        float[] w = gaussian(2, out * in);
        float[] b = gaussian(3, out);
        float[] dy = gaussian(4, n * out);
        double[] y = new double[n * out];
        double[] plain = new double[n * out];
        double[] dx = new double[n * in];
        double[] dw = new double[out * in];
        double[] db = new double[out];
        for (int row = 0; row < n; row++) {
            for (int j = 0; j < out; j++) {
                db[j] += dy[row * out + j];
                for (int k = 0; k < in; k++) {
                    plain[row * out + j] += (double) x[row * in + k] * w[j * in + k];
                    dx[row * in + k] += (double) dy[row * out + j] * w[j * in + k];
                    dw[j * in + k] += (double) dy[row * out + j] * x[row * in + k];
                }
                y[row * out + j] = plain[row * out + j] + b[j];
            }
        }
        for (int margin : new int[] {Guarded.ALIGNED, Guarded.MISALIGNED}) {
            guarded = new Guarded(scope, margin);
            Tensor tx = guarded.input("x", x, n, in);
            Tensor tw = guarded.input("w", w, out, in);
            Tensor ty = guarded.output("y", n, out);
            op.forward(tx, tw, guarded.input("b", b, out), ty);
            Compare.assertClose("y", ty.toFloats(), y, TOLERANCE);
            op.forward(tx, tw, null, ty);
            Compare.assertClose("y without bias", ty.toFloats(), plain, TOLERANCE);

            Tensor tdy = guarded.input("dy", dy, n, out);
            Tensor tdx = guarded.output("dx", n, in);
            Tensor tdw = guarded.accumulator("dw", 0f, out, in);
            Tensor tdb = guarded.accumulator("db", 0f, out);
            op.backward(tx, tw, tdy, tdx, tdw, tdb);
            Compare.assertClose("dx", tdx.toFloats(), dx, TOLERANCE);
            Compare.assertClose("dw", tdw.toFloats(), dw, TOLERANCE);
            Compare.assertClose("db", tdb.toFloats(), db, TOLERANCE);
            float[] once = tdw.toFloats();
            op.backward(tx, tw, tdy, null, tdw, null);
            op.backward(tx, tw, tdy, null, null, tdb);
            op.backward(tx, tw, tdy, tdx, null, null);
            Compare.assertClose("dx again", tdx.toFloats(), dx, TOLERANCE);
            Compare.assertClose("dw twice", halved(tdw.toFloats()), Compare.doubles(once), 1e-6);
            Compare.assertClose("db twice", halved(tdb.toFloats()), db, TOLERANCE);
            guarded.check();
        }
    }

    private static float[] halved(float[] values) {
        for (int i = 0; i < values.length; i++) {
            values[i] /= 2;
        }
        return values;
    }

    @Test
    void repeatsBitForBit() {
        Tensor x = guarded.input("x", gaussian(5, 41 * 77), 41, 77);
        Tensor w = guarded.input("w", gaussian(6, 33 * 77), 33, 77);
        Tensor y = guarded.output("y", 41, 33);
        op.forward(x, w, null, y);
        float[] first = y.toFloats();
        op.forward(x, w, null, y);
        Compare.assertSameBits("y", y.toFloats(), first);
    }

    @Test
    void nanStaysInItsRow() {
        float[] values = gaussian(7, 5 * 6);
        values[2 * 6 + 1] = Float.NaN;
        Tensor y = guarded.output("y", 5, 4);
        op.forward(guarded.input("x", values, 5, 6), guarded.input("w", gaussian(8, 24), 4, 6), null, y);
        float[] actual = y.toFloats();
        for (int i = 0; i < actual.length; i++) {
            assertThat(Float.isNaN(actual[i])).as("y[%d] is NaN", i).isEqualTo(i / 4 == 2);
        }
    }

    @Test
    void badArgumentsGiveTheSameMessagesEverywhere() {
        Tensor x = scope.zeros("x", 3, 4);
        Tensor w = scope.zeros("w", 5, 4);
        Tensor b = scope.zeros("b", 5);
        Tensor y = scope.zeros("y", 3, 5);
        refused("x: expected a tensor, got null", () -> op.forward(null, w, b, y));
        refused("x: expected shape [N, I], got [5]", () -> op.forward(b, w, b, y));
        refused("w: expected shape [3, 4], got [3, 5]", () -> op.forward(x, y, b, x));
        refused("y: expected shape [3, 5], got [3, 4]", () -> op.forward(x, w, b, x));
        refused("b: expected shape [5], got [3, 4]", () -> op.forward(x, w, x, y));
        Tensor room = scope.zeros("room", 40);
        refused(
                "y: must not overlap left, which is used by the same call",
                () -> op.forward(room.part("left", 0, Shape.of(3, 4)), w, b, room.part("right", 11, Shape.of(3, 5))));
        refused("dx: given twice in one call", () -> op.backward(x, w, y, x, null, null));
        refused("db: expected shape [5], got [3, 5]", () -> op.backward(x, w, y, null, null, y));
    }
}
