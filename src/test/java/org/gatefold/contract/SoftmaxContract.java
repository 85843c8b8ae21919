package org.gatefold.contract;

import static org.assertj.core.api.Assertions.assertThat;

import org.gatefold.op.softmax.SoftmaxOp;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What every implementation of softmax is held to. */
abstract class SoftmaxContract extends OperationContract<SoftmaxOp> {
    SoftmaxContract() {
        super(SoftmaxOp.class);
    }

    @ParameterizedTest
    @CsvSource({"1,1", "3,5", "9,16", "5,33", "2,1025"})
    void agreesWithTheEquations(int rows, int classes) {
        for (boolean logarithm : new boolean[] {false, true}) {
            float[] x = gaussian(1, rows * classes);
            for (int i = 0; i < x.length; i++) {
                x[i] = 4 * x[i] + i / classes * 100;
            }
            float[] dy = gaussian(2, rows * classes);
            double[] y = new double[x.length];
            double[] dx = new double[x.length];
            for (int row = 0; row < rows; row++) {
                double sum = 0;
                for (int j = row * classes; j < (row + 1) * classes; j++) {
                    sum += Math.exp(x[j] - row * 100);
                }
                double inner = 0;
                double all = 0;
                for (int j = row * classes; j < (row + 1) * classes; j++) {
                    y[j] = Math.exp(x[j] - row * 100) / sum;
                    inner += y[j] * dy[j];
                    all += dy[j];
                }
                for (int j = row * classes; j < (row + 1) * classes; j++) {
                    dx[j] = logarithm ? dy[j] - y[j] * all : y[j] * (dy[j] - inner);
                    y[j] = logarithm ? x[j] - row * 100 - Math.log(sum) : y[j];
                }
            }
            Tensor tx = guarded.input("x", x, rows, classes);
            Tensor ty = guarded.output("y", rows, classes);
            op.forward(logarithm, tx, ty);
            // 100 is subtracted from numbers of that size: their own rounding is 4e-6 of the result.
            Compare.assertClose("y", ty.toFloats(), y, TOLERANCE);
            Tensor tdy = guarded.input("dy", dy, rows, classes);
            Tensor tdx = guarded.output("dx", rows, classes);
            op.backward(logarithm, ty, tdy, tdx);
            if (classes > 1) {
                Compare.assertClose("dx", tdx.toFloats(), dx, TOLERANCE);
            } else {
                assertThat(tdx.toFloats()).containsOnly(0f);
            }
            guarded.check();
            op.backward(logarithm, ty, tdy, tdy);
            Compare.assertSameBits("dx over dy", tdy.toFloats(), tdx.toFloats());
            op.forward(logarithm, tx, tx);
            Compare.assertSameBits("y over x", tx.toFloats(), ty.toFloats());
        }
    }

    @Test
    void largeNumbersDoNotOverflow() {
        Tensor x = guarded.input("x", new float[] {1e30f, -1e30f, 1e30f, 88f, 89f, Float.NEGATIVE_INFINITY}, 2, 3);
        Tensor y = guarded.output("y", 2, 3);
        op.forward(false, x, y);
        float[] actual = y.toFloats();
        assertThat(actual[0]).isEqualTo(0.5f);
        assertThat(actual[1]).isZero();
        assertThat(actual[5]).isZero();
        assertThat(actual[3] + actual[4]).isBetween(0.999999f, 1.000001f);
    }

    @Test
    void badArgumentsGiveTheSameMessagesEverywhere() {
        Tensor x = scope.zeros("x", 3, 4);
        refused("x: expected shape [N, C], got [3]", () -> op.forward(false, scope.zeros("flat", 3), x));
        refused("y: expected shape [3, 4], got [4, 3]", () -> op.forward(true, x, scope.zeros("turned", 4, 3)));
        refused("dy: expected a tensor, got null", () -> op.backward(true, x, null, scope.zeros("dx", 3, 4)));
        refused("dx: given twice in one call", () -> op.backward(true, x, scope.zeros("dy", 3, 4), x));
    }
}
